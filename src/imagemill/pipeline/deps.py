"""The dependencies of the event pipeline."""

from collections.abc import Callable
from dataclasses import dataclass, field
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
from imagemill.imaging import Limits, Rendered
from imagemill.pipeline.concurrency import ConcurrencyLimiter, unlimited
from imagemill.recipe import Recipe

Render = Callable[[bytes, Recipe, Limits, float], Rendered]
"""Renders the bytes of an original within a number of seconds, as `imaging.isolated` does."""


class Records(Protocol):
    """The table of records."""

    def get(self, image_id: str) -> ImageRecord | None:
        """Return the record as last written."""

    def put(self, record: ImageRecord) -> bool:
        """Write a record's next revision; False if another writer has written meanwhile."""


class Originals(Protocol):
    """The bucket of originals; nothing here writes to it."""

    def read(self, event: ObjectEvent, look: Callable[[bytes], object] = ...) -> bytes | None:
        """Return the bytes that the event announced; None if they are no longer there.

        `look` may get the first bytes before the rest; if it raises, the rest need not be fetched.
        """

    def current(self, key: str) -> ObjectEvent | None:
        """Return the current object of a key as an event without sequencer; None if none."""


class Renditions(Protocol):
    """The bucket of renditions."""

    def put(
        self, key: str, data: bytes, metadata: RenditionMetadata, *, may_replace: bool
    ) -> PutResult:
        """Store a rendition unless an object of higher precedence has its key.

        Without `may_replace` a rendition of another event is left in place, too.
        """

    def state(self, key: str) -> StoredState | None:
        """Return the state of a key; None if there is no object."""

    def read(self, key: str, state: StoredState) -> bytes | None:
        """Return the bytes of the rendition in this state; None if it was changed meanwhile."""

    def remove(self, key: str, up_to: Precedence) -> bool:
        """Replace the object of a key by a marker, unless its precedence is higher.

        A marker is written where there is no object, too. Return whether anything was written.
        """


def no_deployment() -> Deployment:
    """Return a deployment for workers that never run beside those of another deployment."""
    return Deployment()


def no_announcement(_: ImageRecord) -> None:
    """Default: publish no completion event."""


@dataclass(frozen=True, slots=True)
class PipelineDeps:
    """Stores, settings and functions that handling a task needs.

    `announce` is called with every record that has reached a final state, at least once: a
    duplicate calls it again, because the first attempt may have been killed before the call.
    """

    records: Records
    originals: Originals
    renditions: Renditions
    recipe: Recipe
    limits: Limits
    clock: Clock
    max_attempts: int
    render: Render
    announce: Callable[[ImageRecord], None] = no_announcement
    deployment: Callable[[], Deployment] = no_deployment
    """Returns the deployment of this worker; reads it from the table on the first call."""
    bucket: str = ""
    """Events of other buckets are rejected; empty: none is."""
    limiter: ConcurrencyLimiter = field(default_factory=unlimited)
    """Shared by all tasks of an invocation."""
