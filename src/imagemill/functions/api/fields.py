"""The fields of requests. One declaration serves the checks, the error texts and OpenAPI."""

import re
from dataclasses import replace
from typing import Any, TypeGuard

from imagemill.dataclass import dataclass
from imagemill.domain.cursor import MAX_CURSOR_LENGTH
from imagemill.domain.keys import ID_LENGTH, MAX_KEY_BYTES
from imagemill.functions.api.limits import MAX_FILENAME_LENGTH, MAX_PAGE_IMAGES, MAX_PARTS

DEFAULT_PAGE_IMAGES = 20


@dataclass(frozen=True, slots=True)
class TextField:
    """A text; lengths are in characters, and `expected` completes "expected …" in errors."""

    name: str
    expected: str
    min_length: int = 0
    max_length: int | None = None
    pattern: str = ""
    choices: tuple[str, ...] = ()
    description: str = ""

    def accepts(self, value: object) -> TypeGuard[str]:
        """Return whether a value is such a text."""
        return (
            isinstance(value, str)
            and len(value) >= self.min_length
            and (self.max_length is None or len(value) <= self.max_length)
            and (not self.pattern or re.fullmatch(self.pattern, value) is not None)
            and (not self.choices or value in self.choices)
        )


@dataclass(frozen=True, slots=True)
class NumberField:
    """A whole number from `least` to `most`."""

    name: str
    expected: str
    least: int
    most: int | None = None
    description: str = ""

    def accepts(self, value: object) -> TypeGuard[int]:
        """Return whether a value is such a number; True and False are none."""
        return (
            isinstance(value, int)
            and not isinstance(value, bool)
            and self.least <= value
            and (self.most is None or value <= self.most)
        )


@dataclass(frozen=True, slots=True)
class PartsField:
    """A list of parts of an upload: `number` and `sha256` of each."""

    name: str
    expected: str
    description: str = ""

    def accepts(self, value: object) -> TypeGuard[list[dict[str, Any]]]:
        """Return whether a value is such a list."""
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_PARTS:
            return False
        if not all(isinstance(one, dict) and one.keys() == _OF_PART for one in value):
            return False
        return all(
            NUMBER.accepts(one[NUMBER.name]) and SHA256.accepts(one[SHA256.name]) for one in value
        )


@dataclass(frozen=True, slots=True)
class PointField:
    """A point of an image: `x` and `y`, numbers from 0 to 1."""

    name: str
    expected: str
    description: str = ""

    def accepts(self, value: object) -> TypeGuard[dict[str, float]]:
        """Return whether a value is such a point; True and False are no numbers."""
        return (
            isinstance(value, dict)
            and value.keys() == {"x", "y"}
            and all(isinstance(side, int | float) for side in value.values())
            and not any(isinstance(side, bool) for side in value.values())
            and all(0 <= side <= 1 for side in value.values())
        )


@dataclass(frozen=True, slots=True)
class SwitchField:
    """True or false."""

    name: str
    expected: str
    description: str = ""

    def accepts(self, value: object) -> TypeGuard[bool]:
        """Return whether a value is true or false."""
        return isinstance(value, bool)


Field = TextField | NumberField | PointField | PartsField | SwitchField

FOLDER = TextField(
    "prefix",
    f"a folder such as holiday/2026/, at most {MAX_KEY_BYTES} characters",
    max_length=MAX_KEY_BYTES,
    pattern=r"^([^/\x00-\x1f\x7f]+/)*$",
    description="The folder of the new key; empty for none. The file name stays.",
)
IMAGE_ID = TextField(
    "image_id",
    f"the id of an image, {ID_LENGTH} characters of a-z and 2-7",
    min_length=ID_LENGTH,
    max_length=ID_LENGTH,
    pattern="^[a-z2-7]+$",
)
TOKEN = TextField(
    "token",
    "the token in a URL of an archived original",
    max_length=1024,
    pattern="^[A-Za-z0-9._-]+$",
)
PRESET = TextField(
    "preset",
    "the name of a preset, 1 to 32 characters of a-z, 0-9, - and _",
    pattern="^[a-z0-9][a-z0-9_-]{0,31}$",
)
LIMIT = NumberField(
    "limit",
    f"a whole number from 1 to {MAX_PAGE_IMAGES}",
    least=1,
    most=MAX_PAGE_IMAGES,
    description="Largest number of images on the page.",
)
CURSOR = TextField(
    "cursor",
    f"the cursor of a page, 1 to {MAX_CURSOR_LENGTH} characters",
    min_length=1,
    max_length=MAX_CURSOR_LENGTH,
    description="The `cursor` of the previous page, which had the same `status`.",
)
STATUS = TextField(
    "status",
    "one of pending, ready, rejected, failed",
    choices=("pending", "ready", "rejected", "failed"),
    description="Only images with this status.",
)
PUBLIC = TextField(
    "public",
    "true or false",
    choices=("true", "false"),
    description="Add the addresses at the distribution to each image, as `public`.",
)
FILENAME = TextField(
    "filename",
    f"text of 1 to {MAX_FILENAME_LENGTH} characters",
    min_length=1,
    max_length=MAX_FILENAME_LENGTH,
)
FILENAME_OF_UPLOAD = replace(
    FILENAME, description="Name of the image; default: the name in the form."
)
CONTENT_TYPE = TextField(
    "content_type",
    "an image type such as image/jpeg, or application/octet-stream",
    pattern="^(image/[A-Za-z0-9][A-Za-z0-9.+-]{0,63}|application/octet-stream)?$",
    description="An image type; empty or application/octet-stream if it is unknown.",
)
RULE = TextField(
    "recipe",
    "the name of a rule, 1 to 32 characters of a-z, 0-9, - and _",
    pattern="^[a-z0-9][a-z0-9_-]{0,31}$",
    description="Name of the rule of the stack's recipe to use; default: the rule of the key.",
)
FOCUS = PointField(
    "focus",
    'a point with x and y from 0 to 1, such as {"x": 0.3, "y": 0.7}',
    description="The focal point: across and down, in the upright image.",
)
# A number from 0 to 1 in a query.
_SHARE = r"(0?\.[0-9]{1,20}|0|1(\.0{1,20})?)"
FOCUS_TEXT = TextField(
    FOCUS.name,
    "two numbers from 0 to 1, such as 0.3,0.7",
    pattern=f"^{_SHARE},{_SHARE}$",
    description="The focal point: across and down, in the upright image.",
)
BYTES = NumberField(
    "bytes",
    "the size of the file, a whole number of at least 1",
    least=1,
    description="Size of the file, in bytes.",
)
UPLOAD_ID = TextField(
    "upload_id",
    "the id of an upload, 1 to 1024 visible characters",
    min_length=1,
    max_length=1024,
    pattern="^[!-~]+$",
    description="The id that `POST /multipart` has returned.",
)
NUMBER = NumberField(
    "number",
    "the number of a part, from 1 to 10000",
    least=1,
    most=10_000,
    description="Number of the part; the first is 1.",
)
SHA256 = TextField(
    "sha256",
    "a SHA-256 in Base64, 44 characters",
    min_length=44,
    max_length=44,
    pattern="^[A-Za-z0-9+/]{43}=$",
    description="SHA-256 of the bytes of the part, in Base64.",
)
_OF_PART = {NUMBER.name, SHA256.name}
PARTS = PartsField(
    "parts",
    f"a list of 1 to {MAX_PARTS} parts with number and sha256",
    description="The parts to send; of several with one number the last counts.",
)
