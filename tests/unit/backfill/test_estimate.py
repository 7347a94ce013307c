import pytest

from imagemill.backfill.estimate import LOOK_MS, EstimateInputs, narrowest, plan
from imagemill.backfill.survey import DueImage, Reason, Selection, Survey
from imagemill.costs.prices import lambda_dollars
from imagemill.domain.reconciliation import EVERYTHING

TERMS = EstimateInputs(concurrency=2, presets=3, memory_mb=1_769)


def surveyed(*due: DueImage) -> Survey:
    return Survey(Selection("", EVERYTHING, "r", frozenset({"500"})), due=list(due))


def test_an_hour_of_the_resizer_costs_what_the_table_says() -> None:
    assert lambda_dollars(3_600_000, 1_769) == pytest.approx(3600 * 1769 / 1024 * 0.0000133334)


def test_seconds_are_the_work_divided_by_the_concurrency() -> None:
    due = DueImage("a.jpg", Reason.STALE, 1, 500, ms=1000)

    planned = plan(surveyed(due, due), fed=10, terms=TERMS)

    assert planned.seconds == pytest.approx((2 * 1000 + 10 * LOOK_MS) / 1000 / 2)
    assert (planned.bytes, planned.messages) == (1000, 10)


def test_an_image_that_no_listing_shows_is_one_message_without_the_state_machine() -> None:
    planned = plan(surveyed(DueImage("a.jpg", Reason.GONE, 1)), fed=0, terms=TERMS)

    assert planned.messages == 1
    assert "Step Functions" not in planned.bill.items


def test_the_bill_grows_with_every_part() -> None:
    due = DueImage("a.jpg", Reason.STALE, 1, 500, ms=1000)
    small, large = plan(surveyed(due), 1, TERMS), plan(surveyed(*[due] * 9), 10_000, TERMS)

    assert set(small.bill.items) == {
        "Lambda",
        "S3",
        "DynamoDB",
        "SQS",
        "EventBridge",
        "Step Functions",
    }
    assert all(large.bill.items[name] > cost for name, cost in small.bill.items.items())
    assert small.bill.total == pytest.approx(sum(small.bill.items.values()))


@pytest.mark.parametrize(
    ("keys", "prefix"),
    [
        ([], ""),
        (["a/b.jpg"], "a/b.jpg"),
        (["a/b.jpg", "a/c.jpg"], "a/"),
        (["é1", "é2", "é13"], "é"),
        (["a", "b"], ""),
        (["a", "ab"], "a"),
    ],
)
def test_the_prefix_of_the_listing_is_the_longest_common_one(keys: list[str], prefix: str) -> None:
    due = [DueImage(key, Reason.UNRECORDED) for key in keys]

    assert narrowest([*due, DueImage("z", Reason.GONE)]) == prefix


def test_a_pace_without_measurements_is_assumed() -> None:
    assert Pace().ms(700_000, None) == pytest.approx(assumed().at(2))


@pytest.mark.parametrize("megapixels", [0.5, 12, 50])
def test_the_assumed_pace_is_that_of_one_jpeg_in_the_default_memory(megapixels: float) -> None:
    alone = Batch(megapixels, memory_mb=DEFAULT_MEMORY_MB)

    assert assumed().at(megapixels) == pytest.approx(tempo().ms(alone))


def test_a_pace_is_a_line_through_the_measurements() -> None:
    pace = Pace()
    for width, took_ms in ((1000, 150), (2000, 250), (4000, 450)):
        original = Original(width * 1000, width, 1000, "jpeg", 1)
        pace.learn(replace(ready_record(), original=original, processing_ms=took_ms))

    assert pace.line == pytest.approx((50, 100))
    assert pace.ms(0, 10) == pytest.approx(1050)
    assert pace.ms(3_000_000, None) == pytest.approx(350)


def test_images_of_one_size_do_not_change_the_pace_of_others() -> None:
    pace = Pace()
    for _ in range(3):
        pace.learn(replace(ready_record(), processing_ms=100))

    base, slope = pace.line

    assert base + slope * 0.96 == pytest.approx(100)
    assert slope == assumed().slope
