"""Parse multipart forms: the only file among the parts, and its name (RFC 7578, RFC 8187)."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from multipart import (  # type: ignore[import-untyped]  # it ships no types
    MultipartError,
    MultipartParser,
)

from imagemill.dataclass import dataclass
from imagemill.errors import EmptyFile, InvalidRequest

MEDIA_TYPE = "multipart/form-data"
# Most parts of a form; a form with more is refused.
MAX_PARTS = 16
# A parameter of Content-Disposition; a quoted value may contain a semicolon.
_PARAMETER = re.compile(r';\s*([^\s;="]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
# Charsets that RFC 8187 and its predecessor, RFC 5987, define.
_CHARSETS = {"utf-8", "iso-8859-1"}


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file of a form, with the name and the media type that the client sent, or empty texts."""

    data: bytes
    filename: str
    content_type: str


def only_file(body: bytes, boundary: str) -> FormFile:
    """Return the only file of a form; other fields and empty file inputs are ignored.

    Raises InvalidRequest if the body is no form or has several files, and EmptyFile if no file was
    chosen.
    """
    if not boundary:
        raise InvalidRequest(f"expected {MEDIA_TYPE} with a boundary")
    if not body:
        raise EmptyFile("expected a form with a file, got none")
    files = list(_files(body, boundary))
    chosen = [file for file in files if file.filename or file.data]
    if files and not chosen:
        raise EmptyFile("expected a file, but the form's file input is empty")
    if len(chosen) != 1:
        raise InvalidRequest(f"expected a form with one file, got {len(chosen)}")
    return chosen[0]


def _files(body: bytes, boundary: str) -> Iterator[FormFile]:
    parser = MultipartParser(
        BytesIO(body), boundary, len(body), part_limit=MAX_PARTS, spool_limit=len(body)
    )
    try:
        for part in parser:
            name = _filename(part)
            if name is not None:
                yield FormFile(part.raw, name, part.headers.get("Content-Type") or "")
    except MultipartError as fault:
        raise InvalidRequest(
            f"expected {MEDIA_TYPE} of at most {MAX_PARTS} parts, got another body"
        ) from fault


def _filename(part: Any) -> str | None:  # noqa: ANN401  # the library ships no types
    """Return the file name of a part; None if the part is not a file.

    python-requests, .NET and other clients send `filename*` for names outside ASCII. RFC 7578
    forbids it, but servers prefer it to `filename`.
    """
    name: str | None = part.filename
    for parameter, value in _PARAMETER.findall(part.disposition or ""):
        if parameter.lower() == "filename*":
            extended = _extended(value.strip().strip('"'))
            return name or "" if extended is None else extended
    return name


def _extended(value: str) -> str | None:
    """Return the text of `charset'language'percent-encoded`; None if it is malformed."""
    charset, _, rest = value.partition("'")
    _, mark, encoded = rest.partition("'")
    if not mark or charset.lower() not in _CHARSETS:
        return None
    try:
        return unquote_to_bytes(encoded).decode(charset)
    except UnicodeDecodeError:
        return None
