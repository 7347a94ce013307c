"""Cursors: the position at which a page of the newest-first listing ended, as opaque text.

A cursor holds a position in the listing and the status filter, nothing else. A forged cursor
leads to another position of the same listing, which its reader could reach page by page, too.
"""

import base64
import binascii
import re

from imagemill.domain.record import Status
from imagemill.errors import InvalidCursor

MAX_CURSOR_LENGTH = 128
_VERSION = "1"
_POSITION = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z#[a-z2-7]{26}",
    re.ASCII,
)


def cursor_at(position: str, status: Status | None) -> str:
    """Return the cursor that continues after `position`, `{uploaded_at}#{id}`, with this filter."""
    plain = f"{_VERSION}|{status or ''}|{position}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def position_of(cursor: str, status: Status | None) -> str:
    """Return the position that a cursor names.

    Raises InvalidCursor unless the cursor is exactly the text that `cursor_at` returns for it.
    """
    position = _decoded(cursor).rpartition("|")[2]
    if not _POSITION.fullmatch(position) or cursor_at(position, status) != cursor:
        raise InvalidCursor("expected the cursor of a page of this listing, with the same status")
    return position


def _decoded(cursor: str) -> str:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.urlsafe_b64decode(padded.encode("ascii")).decode("ascii")
    except (UnicodeError, binascii.Error):
        return ""
