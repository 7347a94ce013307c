"""The dependencies of the pipeline, all fakes."""

from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions, StoppedClock
from imagemill.imaging import DEFAULT_LIMITS
from imagemill.pipeline.deps import PipelineDeps
from imagemill.recipe import Recipe


def fake_deps(
    originals: FakeOriginals | None = None,
    records: FakeRecords | None = None,
    renditions: FakeRenditions | None = None,
    recipe: str = "20",
) -> PipelineDeps:
    """Return the dependencies with these stores or empty ones, four attempts and a 20 px preset."""
    return PipelineDeps(
        records=FakeRecords() if records is None else records,
        originals=FakeOriginals() if originals is None else originals,
        renditions=FakeRenditions() if renditions is None else renditions,
        recipe=Recipe.parse(recipe),
        limits=DEFAULT_LIMITS,
        clock=StoppedClock(),
        max_attempts=4,
    )
