"""Dependencies of the event pipeline over fakes."""

from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions, StoppedClock
from imagemill.imaging import DEFAULT_LIMITS, Limits, Rendered, render
from imagemill.pipeline.deps import PipelineDeps
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules


def fake_deps(
    originals: FakeOriginals | None = None,
    records: FakeRecords | None = None,
    renditions: FakeRenditions | None = None,
    recipe: str = "20",
) -> PipelineDeps:
    """Return dependencies with these stores, or empty ones; four attempts, recipe 20 px."""
    return PipelineDeps(
        records=FakeRecords() if records is None else records,
        originals=FakeOriginals() if originals is None else originals,
        renditions=FakeRenditions() if renditions is None else renditions,
        recipes=RecipeRules.parse(recipe),
        limits=DEFAULT_LIMITS,
        clock=StoppedClock(),
        max_attempts=4,
        render=render_here,
    )


def render_here(data: bytes, recipe: Recipe, limits: Limits, timeout_s: float) -> Rendered:
    """Render in this process, however long it takes."""
    del timeout_s
    return render(data, recipe, limits)
