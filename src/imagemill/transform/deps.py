"""The dependencies of requests for variants."""

from collections.abc import Callable
from dataclasses import field

from imagemill.dataclass import dataclass
from imagemill.domain.clock import Clock
from imagemill.domain.object_version import Unpack, no_unpacking
from imagemill.domain.stores import OriginalsIntoMemory, RecordReader, Renditions, VariantRegistry
from imagemill.imaging import Limits, Rendered
from imagemill.imaging.shared_file import File, SharedFile
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules
from imagemill.requests.settings import Settings
from imagemill.transform.recent_records import RecentRecords

# Largest original that is read before the variant is registered, bytes. A read that is given up may
# go on for a moment, beside that of the next request, so two of this size must fit.
MAX_EARLY_BYTES = 16 << 20
# Renders an original within a number of seconds; the implementation is
# `imaging.shared_file.render_file`.
Render = Callable[[File, Recipe, Limits, float], Rendered]
# Returns memory of a worker for a file with this number of bytes; None if there is none.
Share = Callable[[int], SharedFile | None]
# Returns a file by its name if it is still in the memory of a worker.
Find = Callable[[object], SharedFile | None]


def no_shared_file(_: object) -> None:
    """Return no file, whatever the size or the name."""


@dataclass(frozen=True, slots=True)
class TransformDeps:
    """Stores, settings and functions that a request needs.

    `recipes` are those of the pipeline, whose renditions may serve as sources. `pause` waits for a
    number of seconds. `render_timeout_s` returns how long a rendering that starts now may take, s;
    raises TimedOut.
    """

    records: RecordReader
    originals: OriginalsIntoMemory
    renditions: Renditions
    registry: VariantRegistry
    recipes: RecipeRules
    limits: Limits
    clock: Clock
    render: Render
    pause: Callable[[float], None]
    render_timeout_s: Callable[[], float]
    settings: Settings
    """The limits of URLs, which information documents name."""
    max_early_bytes: int = MAX_EARLY_BYTES
    """Larger originals are read only after the variant is registered; -1 reads none early."""
    share: Share = no_shared_file
    """Originals are read into this memory, if there is any."""
    find: Find = no_shared_file
    """Finds an original that was read before."""
    recent: RecentRecords = field(default_factory=lambda: RecentRecords(0))
    """The records that were read before; by default none is kept."""
    unpack: Unpack = no_unpacking
