from dataclasses import replace

import pytest
from fakes.yard import NOON_S, RECIPE, FakeYard

from imagemill.backfill.estimate import BackfillPlan, plan
from imagemill.backfill.execute import Progress, begin, follow, must_stop
from imagemill.backfill.survey import Selection, survey
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.notification import parse_message
from imagemill.domain.reconciliation import EVERYTHING, Reconciliation, StoredObject

RUN = BackfillRun("run", "", EVERYTHING)


@pytest.fixture
def backfill() -> FakeYard:
    return FakeYard()


def planned(backfill: FakeYard) -> BackfillPlan:
    wanted = Selection("", EVERYTHING, RECIPE.hash, frozenset({"500"}))
    found = survey(wanted, backfill.archive, lambda _: None)
    return plan(found, found.originals, backfill.site.terms)


def seen_through(backfill: FakeYard, run: BackfillRun = RUN) -> list[Progress]:
    agreed = planned(backfill)
    begin(run, agreed, backfill.site)
    return list(follow(run, agreed, backfill.site))


def test_a_run_feeds_the_queue_and_ends_when_everything_is_made(backfill: FakeYard) -> None:
    for key in ("b/1.jpg", "b/2.jpg", "b/3.jpg"):
        backfill.original(key)

    looks = seen_through(backfill)

    assert backfill.runs.log == ["start run 'b/' 20"]
    assert [(look.done, look.left) for look in looks] == [(0, 3), (1, 2), (2, 1), (3, 0)]
    assert [look.end for look in looks] == ["", "", "", "done"]


def test_what_no_listing_leads_to_is_sent_by_the_command(backfill: FakeYard) -> None:
    backfill.image("a.jpg")
    backfill.archive.stored["old/a.jpg"] = StoredObject("old/a.jpg", 9)

    looks = seen_through(backfill)

    [[task]] = [parse_message(message).tasks for message in backfill.sent]
    assert task == Reconciliation("a.jpg", EVERYTHING, renditions=("old/a.jpg",))
    assert looks[-1].end == "done"


def test_two_things_may_be_wrong_with_one_image(backfill: FakeYard) -> None:
    backfill.image("a.jpg")
    backfill.archive.stored = {"old/a.jpg": StoredObject("old/a.jpg", 9)}

    first = next(follow(RUN, planned(backfill), backfill.site))

    assert (len(backfill.sent), first.left) == (2, 1)


def test_the_command_waits_for_room_in_the_queue(backfill: FakeYard) -> None:
    backfill.image("a.jpg")
    backfill.archive.listed.clear()
    backfill.waiting.extend(f"other{number}.jpg" for number in range(20))
    agreed = planned(backfill)
    looks = follow(RUN, agreed, backfill.site)

    next(looks)
    sent_at_first = list(backfill.sent)
    next(looks)

    assert (sent_at_first, len(backfill.sent)) == ([], 1)


def test_a_run_ends_when_what_is_left_failed(backfill: FakeYard) -> None:
    backfill.original("a.jpg")
    backfill.is_broken = True

    looks = seen_through(backfill)

    assert (looks[-1].end, looks[-1].left) == ("left", 1)


def test_a_run_stops_before_it_spends_more_than_its_budget(backfill: FakeYard) -> None:
    for number in range(9):
        backfill.original(f"{number}.jpg")
    backfill.takes_ms = 200
    agreed = planned(backfill)
    run = replace(RUN, budget=agreed.bill.total * 1.01)

    looks = seen_through(backfill, run)

    assert (looks[-1].end, looks[-1].done) == ("budget", 1)
    assert backfill.runs.log[-1] == "stop run"
    assert backfill.runs.permissions[-1] < "2000"


def test_what_a_run_spent_is_kept_for_the_next_one(backfill: FakeYard) -> None:
    backfill.original("a.jpg")

    looks = seen_through(backfill, replace(RUN, spent=0.5))

    assert backfill.runs.last is not None
    assert backfill.runs.last.spent == looks[-1].spent > 0.5


@pytest.mark.parametrize(("budget", "lasts"), [(None, "9999-12-31"), (1.0, "2026-05-04T12:01")])
def test_a_run_with_a_budget_may_go_on_for_a_minute_at_a_time(
    backfill: FakeYard, budget: float | None, lasts: str
) -> None:
    backfill.original("a.jpg")

    begin(replace(RUN, budget=budget), planned(backfill), backfill.site)

    assert backfill.runs.permissions[0].startswith(lasts)


def test_the_permission_is_renewed_as_time_goes_on(backfill: FakeYard) -> None:
    backfill.original("a.jpg")
    run = replace(RUN, budget=1.0)
    agreed = planned(backfill)
    begin(run, agreed, backfill.site)
    backfill.now_s_ = NOON_S + 50

    next(follow(run, agreed, backfill.site))

    assert backfill.runs.permissions[-1].startswith("2026-05-04T12:01:50")


@pytest.mark.parametrize(
    ("committed", "before", "budget", "stop"),
    [(1, 0, None, False), (1, 0, 1, False), (1.1, 0, 1, True), (0.6, 0.5, 1, True)],
)
def test_a_budget_counts_what_is_spent_and_what_is_under_way(
    committed: float, before: float, budget: float | None, *, stop: bool
) -> None:
    assert must_stop(committed, before, budget) is stop
