"""The record of one image, and its states.

pending ──► ready ──► deleted        each arrow is an event;
   │    ├─► rejected ──► deleted     the newest event wins in every state
   │    └─► failed ──► ready, rejected (another attempt) or deleted
"""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Literal

from imagemill.dataclass import dataclass
from imagemill.domain.event import Change, Focus, FocusChange, ObjectEvent, PackedJpeg
from imagemill.domain.keys import owner_of
from imagemill.domain.rendition_metadata import Precedence, of_deletion

Status = Literal["pending", "ready", "rejected", "failed", "deleted"]
Standing = Literal["new", "done", "superseded"]

# States that another delivery of the same event does not change.
SETTLED: frozenset[Status] = frozenset({"ready", "rejected", "deleted"})
# States that last until there is a new event or a request.
FINAL: frozenset[Status] = SETTLED | {"failed"}


@dataclass(frozen=True, slots=True)
class Original:
    """Facts of the uploaded file; width and height in px as displayed, None if not known.

    `captured_at` is the camera's local time as ISO 8601 without a zone; `camera` and `lens` are
    make and model.
    `hdr` is how it is brighter than white: by a `gain_map`, `pq` or `hlg`; None if it is not.
    """

    bytes: int
    width: int | None = None
    height: int | None = None
    format: str | None = None
    frames: int | None = None
    captured_at: str | None = None
    camera: str | None = None
    hdr: str | None = None
    lens: str | None = None
    exposure_time_s: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Archived:
    """The object in place of an archived JPEG: it holds the JPEG as lossless JPEG XL.

    `bytes` and `etag` are those of the object, `sha256` is that of the JPEG. `replaces` is the
    version id of the JPEG's object. `at` is the time of the object in ISO 8601 UTC, and `place` its
    place in the order of events.
    """

    bytes: int
    etag: str
    sha256: str
    replaces: str
    at: str
    place: str


@dataclass(frozen=True, slots=True)
class StoredRendition:
    """One object in the processed bucket; size in bytes and px, `hdr` as of the original.

    `quality` is the one that was chosen for the preset's score; None if none was.
    """

    key: str
    bytes: int
    width: int
    height: int
    format: str
    hdr: str | None = None
    quality: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there are no renditions."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class StateChange:
    """A state that an image got, with the time in ISO 8601 UTC.

    `attempt` is the attempt that led to it, 0 if no worker did; `code` is that of the error, empty
    for none.
    """

    status: Status
    at: str
    attempt: int = 0
    code: str = ""


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """The version of the engine that rejects an image, and its limits in bytes, pixels, frames."""

    version: str
    max_bytes: int
    max_pixels: int
    max_frames: int
    max_memory_bytes: int
    camera_raw: int = 0
    """1 if camera raw files are read."""


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """The record of one original; times are ISO 8601 UTC, `expires_at` is in epoch seconds."""

    id: str
    key: str
    filename: str
    status: Status
    sequencer: str
    uploaded_at: str
    version_id: str = ""
    etag: str = ""
    """The ETag of the uploaded bytes; while they are archived, the object has another one."""
    original: Original | None = None
    archived: Archived | None = None
    """The object that holds the original; None for the original itself."""
    renditions: Mapping[str, StoredRendition] = field(default_factory=dict)
    recipe: str | None = None
    rule: str | None = None
    """The name of the rule that the upload chose, also if no rule has it; None if it chose none."""
    deployed_at: int | None = None
    """First use of the recipe and limits that led to this state, in epoch milliseconds."""
    rejected_by: EngineLimits | None = None
    placeholder: str | None = None
    colour: str | None = None
    focus: Focus | None = None
    """The focal point that the renditions show."""
    focus_change: FocusChange | None = None
    """The last change of the focal point by a caller, of the same bytes."""
    warnings: tuple[str, ...] = ()
    error: Fault | None = None
    attempts: int = 0
    processed_at: str | None = None
    processing_ms: int | None = None
    expires_at: int | None = None
    leftovers: tuple[str, ...] = ()
    """Keys of renditions that a former record listed and this one does not; they are removed."""
    revision: int = 1
    """How often the record was written; a write needs the revision that was read."""
    history: tuple[StateChange, ...] = ()
    """The states before, and this one; empty in a record of a former version."""

    @property
    def states(self) -> tuple[StateChange, ...]:
        """The states that the record has had, at least the present one; the oldest is first."""
        return self.history or (state_of(self),)

    @property
    def place(self) -> str:
        """The place of the newest event that the record describes.

        That of an archived original made no renditions: they keep the sequencer before it.
        """
        return max(self.sequencer, self.archived.place) if self.archived else self.sequencer

    @property
    def stored_etag(self) -> str:
        """The ETag of the object in the bucket of originals."""
        return self.archived.etag if self.archived else self.etag

    @property
    def packs(self) -> PackedJpeg | None:
        """The JPEG that the object holds; None unless it is archived."""
        held = self.archived
        if held is None or self.original is None:
            return None
        return PackedJpeg(self.etag, self.original.bytes, held.sha256, held.replaces)

    @property
    def owner(self) -> str:
        """The id of the image's owner; empty for none."""
        return owner_of(self.key)

    @property
    def wanted_focus(self) -> Focus | None:
        """The focal point, also if the renditions do not show it yet."""
        return self.focus_change.focus if self.focus_change else self.focus

    @property
    def is_focus_applied(self) -> bool:
        """Whether the renditions show the focal point."""
        return self.focus_change is None or self.focus_change.place <= self.sequencer


def precedence_of(record: ImageRecord) -> Precedence:
    """Return the precedence of the event and deployment that a record describes."""
    if record.status == "deleted":
        return of_deletion(record.sequencer)
    return Precedence(record.sequencer, record.deployed_at or 0, record.recipe or "")


def stale_up_to(record: ImageRecord) -> Precedence:
    """Return the highest precedence of the variants that are older than a record.

    It is below that of the record, whose own variants stay and may be stored later. Nothing of a
    deleted image stays.
    """
    own = precedence_of(record)
    return own if record.status == "deleted" else replace(own, recipe="")


def renditions_version(record: ImageRecord) -> str:
    """Return a text for URLs that changes whenever the renditions are made again."""
    return f"{record.sequencer}-{record.recipe}"


def standing(record: ImageRecord | None, event: ObjectEvent, writer: Precedence) -> Standing:
    """Compare an event with the record: new, done before, or superseded by a newer event.

    `writer` is the precedence of the calling worker. A result of a newer deployment for the same
    event counts as done.
    """
    if record is None or record.place < event.sequencer:
        return "new"
    if record.place > event.sequencer:
        return "superseded"
    if record.status == "deleted":
        return "done"
    decided = record.recipe == writer.recipe or precedence_of(record) > writer
    return "done" if record.status in SETTLED and decided else "new"


def event_of(record: ImageRecord) -> ObjectEvent:
    """Return the creation event that a record describes."""
    size = record.original.bytes if record.original else 0
    return ObjectEvent(
        change=Change.CREATED,
        key=record.key,
        sequencer=record.sequencer,
        happened_at=record.uploaded_at,
        version_id=record.version_id,
        etag=record.stored_etag,
        bytes=record.archived.bytes if record.archived else size,
        rule=record.rule or "",
        packs=record.packs,
    )


def state_of(record: ImageRecord, at: str = "") -> StateChange:
    """Return the present state of a record, with the time `at` or else that of its processing."""
    return StateChange(
        record.status,
        at or record.processed_at or record.uploaded_at,
        record.attempts,
        record.error.code if record.error else "",
    )
