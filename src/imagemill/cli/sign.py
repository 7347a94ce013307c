"""`imagemill sign`: sign URLs of variants."""

import os
import re
import time
from pathlib import Path
from typing import Annotated

import typer

from imagemill.cli import options
from imagemill.cli.durations import seconds_in
from imagemill.cli.keys import present, signing_keys
from imagemill.cli.screen import print_line
from imagemill.errors import SetupFailed
from imagemill.requests import sign as signing
from imagemill.requests.settings import SIGNATURE_BYTES, KeyPair

EXAMPLE = "imagemill sign '/~/sample.png?w=333&blur=20' --expires 7d"
_SECRETS = ("IMAGEMILL_URL_KEY", "IMAGEMILL_URL_SALT")
_HEXADECIMAL = re.compile(r"(?:[0-9A-Fa-f]{2})+")


def _seconds(text: str) -> int:
    seconds = seconds_in(text)
    if seconds is None:
        raise typer.BadParameter("expected a number and s, m, h or d, such as 12h")
    return seconds


def sign(  # noqa: PLR0913  # one parameter an option
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
    signature_bytes: Annotated[
        int | None,
        typer.Option(
            min=8,
            max=SIGNATURE_BYTES,
            metavar="N",
            envvar="IMAGEMILL_URL_SIGNATURE_BYTES",
            help="Length of the signature; default: `SignatureBytes` of the stack whose key signs.",
        ),
    ] = None,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """Sign URLs of variants, so that they may ask for any size and option.

    A URL of imgix's grammar or of IIIF gets the parameter `sig`. In a URL of imgproxy's grammar
    the signature replaces the first part after `/~p/`. Prints one URL per line.

    The key is that of the stack, as `imagemill keys show` prints it. IMAGEMILL_URL_KEY and
    IMAGEMILL_URL_SALT replace it: they are the key and the salt in hexadecimal digits.
    """
    given = _given_pair()
    pair = given or _stack_pair(stack, profile, region, data_dir)
    until = None if expires is None else int(time.time()) + expires
    length = signature_bytes or _stack_length(None if given else stack, profile, region)
    for url in [signing.sign(url, pair, until, length) for url in urls]:
        print_line(url)


def _given_pair() -> KeyPair | None:
    """Return the key pair of the environment; as options, other users' `ps` would show it."""
    if not any(os.environ.get(name) for name in _SECRETS):
        return None
    return KeyPair(*map(_secret, _SECRETS))


def _secret(name: str) -> bytes:
    text = os.environ.get(name, "")
    if _HEXADECIMAL.fullmatch(text) is None:
        raise SetupFailed(f"expected {name} as pairs of hexadecimal digits")
    return bytes.fromhex(text)


def _stack_pair(
    stack: str | None, profile: str | None, region: str | None, data_dir: Path | None
) -> KeyPair:
    return present(signing_keys(stack, profile, region, data_dir))[0]


def _stack_length(stack: str | None, profile: str | None, region: str | None) -> int:
    """Return the length that a stack on AWS expects; 32 on the laptop, or without a stack."""
    if stack is None:
        return SIGNATURE_BYTES
    from imagemill.wiring.signing_keys import signature_bytes  # noqa: PLC0415  # boto3 is slow to load

    return signature_bytes(stack, profile, region)
