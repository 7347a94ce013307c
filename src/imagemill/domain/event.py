"""An event of S3: one change of one original, and the focal point that its upload may name."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Self

from imagemill.dataclass import dataclass
from imagemill.domain.keys import filename_of, image_id

# Name of an object's metadata with the rule that its upload chose: the header x-amz-meta-recipe.
RULE_METADATA = "recipe"
# Name of an object's metadata with its focal point: the header x-amz-meta-focus.
FOCUS_METADATA = "focus"
# Name of an archived original's metadata with the JPEG that it holds: x-amz-meta-imagemill-jpeg.
PACKED_METADATA = "imagemill-jpeg"
# Ids of versions that can be overwritten: S3 uses "null" in a bucket without versioning.
REPLACEABLE = frozenset({"", "null"})
# Longest name of a rule, in characters.
_MAX_NAME = 32
# Longest text of a focal point that is kept, in characters; none that is valid is longer.
MAX_FOCUS = 64
# Decimals of a coordinate, as in the options of presets.
_DECIMALS = 4
_COORDINATE = r"([0-9]{1,2}(?:\.[0-9]{1,20})?|\.[0-9]{1,20})"
_POINT = re.compile(rf"\s*{_COORDINATE}\s*,\s*{_COORDINATE}\s*")
_PACKED = re.compile(
    r"(?P<etag>[0-9a-f]{1,64}(?:-[0-9]{1,5})?) (?P<bytes>[0-9]{1,12}) (?P<sha256>[0-9a-f]{64})"
    r"(?: (?P<version>[!-~]{1,1024}))?"
)
_GONE = "-"
_TOKEN_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Focus:
    """A point of the upright image, from 0 to 1 across and down, with four decimals."""

    x: float
    y: float

    @classmethod
    def at(cls, x: float, y: float) -> Self | None:
        """Return the point, rounded to four decimals; None if it lies outside the image."""
        if not (0 <= x <= 1 and 0 <= y <= 1):
            return None
        return cls(round(x, _DECIMALS), round(y, _DECIMALS))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a point such as `0.3,0.7`; None if it has another form or lies outside the image."""
        match = _POINT.fullmatch(text)
        return cls.at(float(match[1]), float(match[2])) if match else None

    @property
    def point(self) -> tuple[float, float]:
        """Both coordinates."""
        return self.x, self.y

    def __str__(self) -> str:
        """Return the text that `parse` reads."""
        return f"{self.x:.{_DECIMALS}g},{self.y:.{_DECIMALS}g}"


@dataclass(frozen=True, slots=True)
class FocusChange:
    """The last change of an image's focal point by a caller; `focus` is None if it was removed.

    `place` is its place in the order of events. The renditions show it once the record has this
    place or a later one.
    """

    place: str
    focus: Focus | None


@dataclass(frozen=True, slots=True)
class UploadChoices:
    """The choices of an upload: the name of a rule, empty for none, and a focal point."""

    rule: str = ""
    focus: Focus | None = None

    @property
    def metadata(self) -> dict[str, str]:
        """The metadata of the object that says so."""
        rule = {RULE_METADATA: self.rule} if self.rule else {}
        return rule | ({FOCUS_METADATA: str(self.focus)} if self.focus else {})


NO_CHOICES = UploadChoices()


class Change(StrEnum):
    """The kind of change."""

    CREATED = "created"
    """A new version was stored."""
    HIDDEN = "hidden"
    """A delete marker was added, or the object was deleted from a bucket without versioning."""
    VERSION_DELETED = "version_deleted"
    """One version was deleted for good; only the bucket can tell whether another is current now."""


@dataclass(frozen=True, slots=True)
class PackedJpeg:
    """The JPEG that an archived original holds: its ETag, its size and its SHA-256.

    `version_id` is the version of the object that the archived one has replaced; empty if none.
    """

    etag: str
    bytes: int
    sha256: str
    version_id: str = ""

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read the metadata of an archived original; None if it has another form."""
        found = _PACKED.fullmatch(text)
        if found is None:
            return None
        return cls(found["etag"], int(found["bytes"]), found["sha256"], found["version"] or "")

    def __str__(self) -> str:
        """Return the text that `parse` reads."""
        return f"{self.etag} {self.bytes} {self.sha256} {self.version_id}".rstrip()


@dataclass(frozen=True, slots=True)
class ObjectEvent:
    """One change of one original.

    `sequencer` is canonical (see `domain.sequencer`); it is OLDEST for events of a lifecycle rule,
    to which S3 gives none. `bytes` is the size of a created object, `happened_at` is ISO 8601 UTC
    with milliseconds; `version_id` and `etag` are empty where S3 gave none. `rule` is the name of
    the rule that the upload chose, from the object's metadata; empty if it chose none. `focus` is
    the text of its focal point there; empty for none, None if it was not read. `packs` is the JPEG
    that an archived original holds; None for any other object, and if it was not read.
    """

    change: Change
    key: str
    sequencer: str
    happened_at: str
    version_id: str = ""
    etag: str = ""
    bytes: int = 0
    rule: str = ""
    focus: str | None = None
    packs: PackedJpeg | None = None

    @property
    def uploaded(self) -> "ObjectEvent | PackedJpeg":
        """The ETag and the size of the bytes that were uploaded, which archiving keeps."""
        return self.packs or self

    @property
    def id(self) -> str:
        """The image's id."""
        return image_id(self.key)

    @property
    def filename(self) -> str:
        """The last part of the key."""
        return filename_of(self.key)


def with_metadata(event: ObjectEvent, metadata: Mapping[str, str]) -> ObjectEvent:
    """Return an event with the facts in the metadata of its object.

    A longer name of a rule is cut, and no rule has the result.
    """
    name = metadata.get(RULE_METADATA, "")
    return replace(
        event,
        rule=name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 1]}…",
        focus=metadata.get(FOCUS_METADATA, "")[:MAX_FOCUS],
        packs=PackedJpeg.parse(metadata.get(PACKED_METADATA, "")),
    )


def token_of(current: ObjectEvent | None, fingerprint: str) -> str:
    """Return eight hexadecimal digits for a finding: equal for the same version and deployment.

    So a repeated reconciliation does its work once. `current` is None if there is no object.
    """
    if current is None:
        return _GONE
    facts = f"{current.version_id}|{current.etag}|{fingerprint}"
    return hashlib.sha256(facts.encode()).hexdigest()[:_TOKEN_LENGTH]
