"""The options that narrow lists of images."""

from dataclasses import replace
from typing import Annotated

import typer

from imagemill.domain.image_filter import EXPECTED_TIME, ImageFilter, time_prefix
from imagemill.domain.record import Status
from imagemill.errors import UsageInvalid

# Longest text of a search, in characters. Source: openapi.json.
_MAX_NAME = 255

StatusOption = Annotated[
    Status | None, typer.Option(help="Only images with this status; deleted ones are in no list.")
]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="NAME", help="Only originals of this format, such as jpeg."),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Only uploads at this day or time (UTC) or later."),
]
Until = Annotated[
    str | None, typer.Option(metavar="TIME", help="Only uploads before this day or time (UTC).")
]
MinBytes = Annotated[
    int | None, typer.Option(metavar="BYTES", min=0, help="Only originals of this size or larger.")
]
MaxBytes = Annotated[
    int | None, typer.Option(metavar="BYTES", min=0, help="Only originals of this size or smaller.")
]

Search = Annotated[
    str | None,
    typer.Option("--search", metavar="TEXT", help="Only images with TEXT in their file name."),
]


def checked(wanted: ImageFilter) -> ImageFilter:
    """Return the filter of the options, with times as they are compared; raises UsageInvalid."""
    if wanted.status == "deleted":
        raise UsageInvalid(
            "deleted images are in no list; for 30 days, `imagemill show KEY` shows their records"
        )
    if wanted.name is not None and not 1 <= len(wanted.name) <= _MAX_NAME:
        raise UsageInvalid(f"expected --search to have 1 to {_MAX_NAME} characters")
    since, until = _time(wanted.since, "--since"), _time(wanted.until, "--until")
    return replace(wanted, since=since, until=until)


def _time(text: str | None, option: str) -> str | None:
    if text is None:
        return None
    found = time_prefix(text)
    if found is None:
        raise UsageInvalid(f"expected {option} to be {EXPECTED_TIME}, got {text!r}")
    return found
