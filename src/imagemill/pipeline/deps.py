"""The workshop: what work on events needs, and the words for how it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from imagemill.domain.clock import Clock
from imagemill.domain.deployment import Deployment
from imagemill.domain.event import ObjectEvent
from imagemill.domain.record import ImageRecord
from imagemill.domain.rendition_metadata import (
    Precedence,
    PutResult,
    RenditionMetadata,
    StoredState,
)
from imagemill.imaging import Limits, Rendered, render
from imagemill.recipe import Recipe


class Records(Protocol):
    """The table of records."""

    def get(self, image_id: str) -> ImageRecord | None:
        """Return the record as last written."""

    def put(self, record: ImageRecord) -> bool:
        """Write a record's next revision; False if somebody else has written meanwhile."""


class Originals(Protocol):
    """The bucket of originals; nothing here writes to it."""

    def read(self, event: ObjectEvent, look: Callable[[bytes], object] = ...) -> bytes | None:
        """Return the bytes that the event announced; None if they are no longer there.

        `look` may be shown the beginning first; if it raises, the rest need not be fetched.
        """

    def current(self, key: str) -> ObjectEvent | None:
        """Return what stands under the key now, as an event without sequencer; None if nothing."""


class Renditions(Protocol):
    """The bucket of renditions."""

    def put(
        self, key: str, data: bytes, metadata: RenditionMetadata, *, may_replace: bool
    ) -> PutResult:
        """Store unless something of higher precedence stands there.

        Without `may_replace` a rendition of another event is left, too.
        """

    def state(self, key: str) -> StoredState | None:
        """Return what stands under the key; None if nothing does."""

    def read(self, key: str, state: StoredState) -> bytes | None:
        """Return the bytes of the rendition in this state; None if it was changed meanwhile."""

    def remove(self, key: str, up_to: Precedence) -> bool:
        """Put a marker in place of what stands there, unless that is of higher precedence.

        A marker is put where nothing stands, too. Return whether anything was written.
        """


def no_deployment() -> Deployment:
    """Return a deployment for workers that never meet another one."""
    return Deployment()


def announce_nothing(_: ImageRecord) -> None:
    """Keep a final state to yourself."""


@dataclass(frozen=True, slots=True)
class PipelineDeps:
    """Everything that work on events needs.

    `announce` is told of every final state that a record has come to, at least once: duplicates
    tell it again, because the first try may have been cut off before it could.
    """

    records: Records
    originals: Originals
    renditions: Renditions
    recipe: Recipe
    limits: Limits
    clock: Clock
    max_attempts: int
    render: Callable[[bytes, Recipe, Limits], Rendered] = render
    announce: Callable[[ImageRecord], None] = announce_nothing
    deployment: Callable[[], Deployment] = no_deployment
    """Returns what this worker was deployed with; asks the table the first time."""
    bucket: str = ""
    """The only one whose events are worked on; empty takes them from any."""
