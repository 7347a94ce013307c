"""The fields of requests for folders and searches."""

from dataclasses import replace

from imagemill.domain.bound_cursor import MAX_BOUND_CURSOR_LENGTH
from imagemill.domain.image_filter import EXPECTED_TIME, TIME
from imagemill.domain.image_query import SORTS
from imagemill.domain.keys import MAX_KEY_BYTES
from imagemill.functions.api.fields import CURSOR, NumberField, TextField

# Largest size in a filter, bytes: that of the largest object of S3.
_LARGEST = 50 * 1024**4

PREFIX = TextField(
    "prefix",
    f"the beginning of keys, at most {MAX_KEY_BYTES} characters",
    max_length=MAX_KEY_BYTES,
    description=(
        "The beginning of the keys: a folder, such as `holiday/2026/`, or one with the beginning "
        "of a name, such as `holiday/IMG`. Default: all that the credentials may see."
    ),
)
RECURSIVE = TextField(
    "recursive",
    "true or false",
    choices=("true", "false"),
    description="List the images of all folders below, and no folders.",
)
BOUND_CURSOR = replace(
    CURSOR,
    expected=f"the cursor of a page, 1 to {MAX_BOUND_CURSOR_LENGTH} characters",
    max_length=MAX_BOUND_CURSOR_LENGTH,
    description="The `cursor` of the previous page, with otherwise the same parameters.",
)
FORMAT = TextField(
    "format",
    "a format of originals, such as jpeg or heic",
    pattern="^[a-z0-9_-]{1,16}$",
    description="Only images whose original has this format, such as `jpeg`.",
)
SINCE = TextField(
    "since",
    EXPECTED_TIME,
    pattern=TIME,
    description="Only images uploaded at this day or time, or later.",
)
UNTIL = TextField(
    "until",
    EXPECTED_TIME,
    pattern=TIME,
    description="Only images uploaded before this day or time.",
)
MIN_BYTES = NumberField(
    "min_bytes",
    f"a whole number from 0 to {_LARGEST}",
    least=0,
    most=_LARGEST,
    description="Only originals of this size or larger, in bytes.",
)
MAX_BYTES = replace(
    MIN_BYTES, name="max_bytes", description="Only originals of this size or smaller, in bytes."
)
SORT = TextField(
    "sort",
    f"one of {', '.join(SORTS)}",
    choices=SORTS,
    description=(
        "Order of the images: by the time of their upload, or by their file name (`name`, and "
        "`name_desc` from the end). By name only for credentials that see all images."
    ),
)
NAME = TextField(
    "name",
    "a part of a file name, 1 to 255 characters",
    min_length=1,
    max_length=255,
    description=(
        "Only images whose file name contains this text: as it is, or in small, capital or initial "
        "capital letters."
    ),
)
