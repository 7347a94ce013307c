"""Checks of the fields of a queue message, before they become part of a record.

Every sender to the queue can choose these values, and they become keys of DynamoDB, headers and
URLs. Each check returns the value, or raises ValueError with a short reason.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from imagemill.domain.keys import MAX_KEY_BYTES
from imagemill.domain.quoting import quoted

# The largest object that S3 stores; source: "Uploading objects" in the Amazon S3 User Guide.
MAX_OBJECT_BYTES = 50 << 40
_MAX_REVISION = 1 << 53
_MAX_TIME_LENGTH = 40
# The last second of the year 9999.
_MAX_EPOCH_S = 253_402_300_799
# S3 sends 16 to 20 digits today; its documentation states no length.
_SEQUENCER = re.compile(r"[0-9A-Fa-f]{1,64}")
# Visible ASCII; at most 1,024 bytes by the Amazon S3 User Guide.
_VERSION_ID = re.compile(r"[!-~]{0,1024}")
_CODE = re.compile(r"[a-z_]{1,64}")
_ETAG = re.compile(r"[!-~]{0,256}")


def field(facts: object, name: str) -> Any:  # noqa: ANN401  # any JSON
    """Return a field of a JSON object."""
    if not isinstance(facts, Mapping) or name not in facts:
        raise ValueError(f"expected a field {name}")
    return facts[name]


def object_key(value: object) -> str:
    """Return a key: text of 1 to 1,024 bytes in UTF-8."""
    text = _text(value, "a key")
    try:
        length = len(text.encode())
    except UnicodeEncodeError as fault:
        raise ValueError(f"expected a key in UTF-8, got {quoted(text)}") from fault
    if not 1 <= length <= MAX_KEY_BYTES:
        raise ValueError(f"expected a key of 1 to {MAX_KEY_BYTES} bytes, got {length}")
    return text


def sequencer(value: object) -> str:
    """Return a sequencer: hexadecimal digits."""
    return _matching(_SEQUENCER, value, "a hexadecimal sequencer")


def version_id(value: object) -> str:
    """Return a version id; empty for a bucket without versions."""
    return _matching(_VERSION_ID, "" if value is None else value, "a version id")


def etag(value: object) -> str:
    """Return an ETag without its quotes; empty if there is none."""
    text = _text("" if value is None else value, "an ETag").strip('"')
    return _matching(_ETAG, text, "an ETag")


def code(value: object) -> str:
    """Return the code of an error."""
    return _matching(_CODE, value, "the code of an error")


def byte_count(value: object) -> int:
    """Return the size of an object."""
    return _between(0, value, MAX_OBJECT_BYTES, "a size in bytes")


def revision(value: object) -> int:
    """Return how often a record was written."""
    return _between(1, value, _MAX_REVISION, "the revision of a record")


def epoch_s(value: object) -> int:
    """Return a time in whole seconds since 1970."""
    return _between(0, value, _MAX_EPOCH_S, "a time in epoch seconds")


def utc_time(value: object) -> str:
    """Return a time as ISO 8601 UTC with milliseconds, the only format in records.

    >>> utc_time("2026-05-04T12:20:30+02:00")
    '2026-05-04T10:20:30.000Z'
    """
    text = _text(value, "a time")
    try:
        moment = _aware(text)
    except (ValueError, OverflowError) as fault:
        raise ValueError(f"expected an ISO 8601 time with a zone, got {quoted(text)}") from fault
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if len(text) > _MAX_TIME_LENGTH or moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


def _text(value: object, expected: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected {expected}, got {quoted(value)}")  # noqa: TRY004  # callers catch one type
    return value


def _matching(pattern: re.Pattern[str], value: object, expected: str) -> str:
    text = _text(value, expected)
    if not pattern.fullmatch(text):
        raise ValueError(f"expected {expected}, got {quoted(text)}")
    return text


def _between(least: int, value: object, most: int, expected: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"expected {expected}, got {quoted(value)}")
    return value
