import pytest
from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions, StoppedClock

from imagemill.errors import TimedOut
from imagemill.imaging import DEFAULT_LIMITS
from imagemill.recipe import DEFAULT_RECIPE
from imagemill.workflows.deadline import within
from imagemill.workflows.workshop import Workshop

SHOP = Workshop(
    records=FakeRecords(),
    originals=FakeOriginals(),
    renditions=FakeRenditions(),
    recipe=DEFAULT_RECIPE,
    limits=DEFAULT_LIMITS,
    clock=StoppedClock(),
    max_attempts=4,
)


@pytest.mark.parametrize(("remaining_s", "granted_s"), [(120, 11), (15, 11), (10, 6), (6, 2)])
def test_a_picture_gets_what_is_left_but_never_everything(
    remaining_s: float, granted_s: float
) -> None:
    shop = within(remaining_s, SHOP)

    assert shop.render.keywords == {"timeout_s": granted_s}  # type: ignore[attr-defined]  # a partial


@pytest.mark.parametrize("remaining_s", [5.9, 0.5, 0, -1])
def test_with_too_little_time_left_no_picture_is_begun(remaining_s: float) -> None:
    with pytest.raises(TimedOut):
        within(remaining_s, SHOP)
