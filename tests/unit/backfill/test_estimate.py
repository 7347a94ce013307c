from dataclasses import replace

import pytest

from imagemill.backfill.due import DueImage, Reason
from imagemill.backfill.estimate import LOOK_MS, EstimateInputs, cost_of, narrowest, plan
from imagemill.backfill.survey import Selection, Survey
from imagemill.costs import prices
from imagemill.costs.pace import assumed
from imagemill.costs.prices import lambda_dollars
from imagemill.domain.reconciliation import EVERYTHING
from imagemill.recipe_rules import DEFAULT_RULES

INPUTS = EstimateInputs(concurrency=2, memory_mb=1_769)


def surveyed(*due: DueImage) -> Survey:
    return Survey(Selection("", EVERYTHING, DEFAULT_RULES), due=list(due))


def test_an_hour_of_the_resizer_costs_the_amount_in_the_table() -> None:
    assert lambda_dollars(3_600_000, 1_769) == pytest.approx(3600 * 1769 / 1024 * 0.0000133334)


def test_seconds_are_the_work_divided_by_the_concurrency() -> None:
    due = DueImage("a.jpg", Reason.STALE, 1, 500, ms=1000)

    planned = plan(surveyed(due, due), listed=10, inputs=INPUTS)

    assert planned.seconds == pytest.approx((2 * 1000 + 10 * LOOK_MS) / 1000 / 2)
    assert (planned.bytes, planned.messages) == (1000, 10)


EMULATED = replace(INPUTS, message_s=0.03)
# Seconds from the start of a run on the embedded AWS to its first rendition.
START_S = 3.0


def test_the_embedded_aws_limits_the_rate_of_messages() -> None:
    due = DueImage("a.jpg", Reason.UNRECORDED, 0, 0, ms=assumed().base)

    planned = plan(surveyed(due), listed=100, inputs=EMULATED)

    assert planned.seconds == pytest.approx(START_S + 100 * 0.03)


def test_on_the_embedded_aws_an_assumed_time_counts_only_for_its_pixels() -> None:
    due = DueImage("a.jpg", Reason.UNRECORDED, 0, 0, ms=assumed().base + 500)

    planned = plan(surveyed(due, due), listed=2, inputs=EMULATED)

    assert planned.seconds == pytest.approx(START_S + 2 * 0.03 + 2 * 0.5 / 2)


def test_on_the_embedded_aws_the_longer_of_measured_time_and_messages_counts() -> None:
    found = surveyed(DueImage("a.jpg", Reason.STALE, 1, 500, ms=10_000))
    found.pace.images = 1

    assert plan(found, listed=1, inputs=EMULATED).seconds == pytest.approx(
        (10_000 + LOOK_MS) / 2000
    )
    assert plan(found, listed=900, inputs=EMULATED).seconds == pytest.approx(START_S + 900 * 0.03)


def test_an_image_that_no_listing_shows_is_one_message_without_the_state_machine() -> None:
    planned = plan(surveyed(DueImage("a.jpg", Reason.GONE, 1)), listed=0, inputs=INPUTS)

    assert planned.messages == 1
    assert "Step Functions" not in planned.bill.items


def test_an_image_with_a_record_costs_a_listing_and_a_query_more() -> None:
    new, known = (DueImage("a.jpg", Reason.CHANGED, revision) for revision in (0, 1))

    more = cost_of(known, 0, INPUTS) - cost_of(new, 0, INPUTS)

    search = prices.S3_WRITE.each + prices.DYNAMODB_READ_UNIT.each
    assert more == pytest.approx(search)


def test_the_bill_grows_with_every_part() -> None:
    due = DueImage("a.jpg", Reason.STALE, 1, 500, ms=1000)
    small, large = plan(surveyed(due), 1, INPUTS), plan(surveyed(*[due] * 9), 10_000, INPUTS)

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
