"""Cursors of folders and of searches: a position, and a mark of the request that it belongs to.

A forged cursor leads to another position of the same list, which its reader could reach page by
page, too.
"""

import base64
import binascii
import hashlib

from imagemill.errors import InvalidCursor

# The longest key, its last character for a folder, and the mark, in base64.
MAX_BOUND_CURSOR_LENGTH = 1408
_MARK_LENGTH = 8


def bound_cursor(request: str, position: str) -> str:
    """Return the cursor that continues a request after a position; `request` describes it."""
    plain = f"{_mark(request)}{position}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def position_of(request: str, cursor: str) -> str:
    """Return the position in a cursor of the same request; raises InvalidCursor."""
    position = _decoded(cursor)[_MARK_LENGTH:]
    if not position or bound_cursor(request, position) != cursor:
        raise InvalidCursor("expected the cursor of a page of this list, with the same parameters")
    return position


def _mark(request: str) -> str:
    return hashlib.sha256(request.encode()).hexdigest()[:_MARK_LENGTH]


def _decoded(cursor: str) -> str:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.urlsafe_b64decode(padded.encode("ascii")).decode()
    except (UnicodeError, binascii.Error):
        return ""
