"""`imagemill sign`: sign URLs of variants."""

import os
import re
import sys
import time
from typing import Annotated

import typer

from imagemill.cli.screen import print_line
from imagemill.errors import SetupFailed
from imagemill.requests import sign as signing
from imagemill.requests.settings import KeyPair

EXAMPLE = "imagemill sign '/~/sample.png?w=333&blur=20' --expires 7d"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,6})([smhd])")
_HEXADECIMAL = re.compile(r"(?:[0-9A-Fa-f]{2})+")


def _seconds(text: str) -> int:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise typer.BadParameter("expected a number and s, m, h or d, such as 12h")
    return int(match[1]) * _SECONDS[match[2]]


def sign(
    urls: Annotated[list[str], typer.Argument(metavar="URL", help="URLs or paths of variants.")],
    *,
    expires: Annotated[
        int | None,
        typer.Option(
            parser=_seconds,
            metavar="DURATION",
            help="How long the URLs are valid, such as 90s, 30m, 12h or 7d; for ever without it.",
        ),
    ] = None,
) -> None:
    """Sign URLs of variants, so that they may ask for any size and option.

    A URL of imgix's grammar or of IIIF gets the parameter `sig`. In a URL of imgproxy's grammar
    the signature replaces the first part after `/~p/`. Prints one URL per line.

    The key and the salt are IMAGEMILL_URL_KEY and IMAGEMILL_URL_SALT, in hexadecimal digits.
    """
    pair = KeyPair(_secret("IMAGEMILL_URL_KEY"), _secret("IMAGEMILL_URL_SALT"))
    until = None if expires is None else int(time.time()) + expires
    for url in [signing.sign(url, pair, until) for url in urls]:
        print_line(url)


def _secret(name: str) -> bytes:
    """Return a secret of the environment; as an option, other users' `ps` would show it."""
    text = os.environ.get(name) or _prompt(name)
    if _HEXADECIMAL.fullmatch(text) is None:
        raise SetupFailed(f"expected {name} as pairs of hexadecimal digits")
    return bytes.fromhex(text)


def _prompt(name: str) -> str:
    if not sys.stdin.isatty():
        raise SetupFailed(f"signing needs the key and the salt of the stack: set {name}")
    return str(typer.prompt(name, hide_input=True, err=True))
