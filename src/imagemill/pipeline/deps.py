"""The dependencies of the event pipeline."""

from collections.abc import Callable, Sequence
from dataclasses import field

from imagemill.dataclass import dataclass
from imagemill.domain.clock import Clock
from imagemill.domain.deployment import Deployment
from imagemill.domain.keys import Accepts, accept_every
from imagemill.domain.object_version import Unpack, no_unpacking
from imagemill.domain.record import ImageRecord
from imagemill.domain.stores import Originals, Records, Renditions, VariantKeys
from imagemill.imaging import Limits, Rendered
from imagemill.pipeline.concurrency import ConcurrencyLimiter, unlimited
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules

# Renders the bytes of an original within a number of seconds; the implementation is
# `imaging.worker_process.render_isolated`.
Render = Callable[[bytes, Recipe, Limits, float], Rendered]


def no_deployment() -> Deployment:
    """Return a deployment for workers that never run beside those of another deployment."""
    return Deployment()


def no_announcement(_: ImageRecord) -> None:
    """Default: publish no completion event."""


def one_by_one(act: Callable[[str], object], keys: Sequence[str]) -> None:
    """Call a function with each key, one after the other."""
    for key in keys:
        act(key)


@dataclass(frozen=True, slots=True)
class PipelineDeps:
    """Stores, settings and functions that handling a task needs.

    `announce` is called with every record that has reached a final state, at least once: a
    duplicate calls it again, because the first attempt may have been killed before the call.
    """

    records: Records
    originals: Originals
    renditions: Renditions
    recipes: RecipeRules
    limits: Limits
    clock: Clock
    max_attempts: int
    render: Render
    announce: Callable[[ImageRecord], None] = no_announcement
    variants: VariantKeys | None = None
    """Finds the variants that were made on request; None if none are made."""
    for_each: Callable[[Callable[[str], object], Sequence[str]], None] = one_by_one
    """Calls a function with each key; for keys of which there may be hundreds."""
    deployment: Callable[[], Deployment] = no_deployment
    """Returns the deployment of this worker; reads it from the table on the first call."""
    bucket: str = ""
    """Events of other buckets are rejected; empty: none is."""
    accepts: Accepts = accept_every
    """Returns whether the object under a key is processed; events of others are ignored."""
    limiter: ConcurrencyLimiter = field(default_factory=unlimited)
    """Shared by all tasks of an invocation."""
    unpack: Unpack = no_unpacking
    archives: bool = False
    """Whether the stack archives originals."""
