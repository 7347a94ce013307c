"""A workshop of fakes, for suites that need one and do not care of what."""

from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions, StoppedClock
from imagemill.imaging import DEFAULT_LIMITS
from imagemill.recipe import Recipe
from imagemill.workflows.workshop import Workshop


def fake_workshop(originals: FakeOriginals) -> Workshop:
    """Return a workshop with these originals and nothing made yet; four tries, 20 px."""
    return Workshop(
        records=FakeRecords(),
        originals=originals,
        renditions=FakeRenditions(),
        recipe=Recipe.parse("20"),
        limits=DEFAULT_LIMITS,
        clock=StoppedClock(),
        max_attempts=4,
    )
