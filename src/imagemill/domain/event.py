"""An event of S3: one change of one original."""

from enum import StrEnum

from imagemill.dataclass import dataclass
from imagemill.domain.keys import filename_of, image_id

# Name of an object's metadata with the rule that its upload chose: the header x-amz-meta-recipe.
RULE_METADATA = "recipe"


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
    the rule that the upload chose, from the object's metadata; empty if it chose none.
    """

    change: Change
    key: str
    sequencer: str
    happened_at: str
    version_id: str = ""
    etag: str = ""
    bytes: int = 0
    rule: str = ""

    @property
    def id(self) -> str:
        """The image's id."""
        return image_id(self.key)

    @property
    def filename(self) -> str:
        """The last part of the key."""
        return filename_of(self.key)
