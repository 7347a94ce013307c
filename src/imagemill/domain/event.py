"""An event of S3: one change of one original, and the focal point that its upload may name."""

import hashlib
import re
from enum import StrEnum
from typing import Self

from imagemill.dataclass import dataclass
from imagemill.domain.keys import filename_of, image_id

# Name of an object's metadata with the rule that its upload chose: the header x-amz-meta-recipe.
RULE_METADATA = "recipe"
# Name of an object's metadata with its focal point: the header x-amz-meta-focus.
FOCUS_METADATA = "focus"
# Decimals of a coordinate, as in the options of presets.
_DECIMALS = 4
_COORDINATE = r"([0-9]{1,2}(?:\.[0-9]{1,20})?|\.[0-9]{1,20})"
_POINT = re.compile(rf"\s*{_COORDINATE}\s*,\s*{_COORDINATE}\s*")
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
class ObjectEvent:
    """One change of one original.

    `sequencer` is canonical (see `domain.sequencer`); it is OLDEST for events of a lifecycle rule,
    to which S3 gives none. `bytes` is the size of a created object, `happened_at` is ISO 8601 UTC
    with milliseconds; `version_id` and `etag` are empty where S3 gave none. `rule` is the name of
    the rule that the upload chose, from the object's metadata; empty if it chose none. `focus` is
    the text of its focal point there; empty for none, None if it was not read.
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

    @property
    def id(self) -> str:
        """The image's id."""
        return image_id(self.key)

    @property
    def filename(self) -> str:
        """The last part of the key."""
        return filename_of(self.key)


def token_of(current: ObjectEvent | None, fingerprint: str) -> str:
    """Return eight hexadecimal digits for a finding: equal for the same version and deployment.

    So a repeated reconciliation does its work once. `current` is None if there is no object.
    """
    if current is None:
        return _GONE
    facts = f"{current.version_id}|{current.etag}|{fingerprint}"
    return hashlib.sha256(facts.encode()).hexdigest()[:_TOKEN_LENGTH]
