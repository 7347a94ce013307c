from dataclasses import replace

import pytest
from fakes.backfill import NOON_S, RULES, FakeBackfillStack

from imagemill.backfill.estimate import BackfillPlan, plan
from imagemill.backfill.execute import Progress, begin, follow, must_stop
from imagemill.backfill.survey import Selection, survey
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.notification import parse_message
from imagemill.domain.reconciliation import EVERYTHING, Reconciliation, StoredObject
from imagemill.domain.rendition_metadata import Precedence

RUN = BackfillRun("run", "", EVERYTHING)


@pytest.fixture
def stack() -> FakeBackfillStack:
    return FakeBackfillStack()


def planned(stack: FakeBackfillStack) -> BackfillPlan:
    selection = Selection("", EVERYTHING, RULES)
    found = survey(selection, stack.scan, lambda _: None)
    return plan(found, found.originals, stack.deps.inputs)


def seen_through(stack: FakeBackfillStack, run: BackfillRun = RUN) -> list[Progress]:
    agreed = planned(stack)
    begin(run, agreed, stack.deps)
    return list(follow(run, agreed, stack.deps))


def test_a_run_sends_messages_and_ends_when_all_images_are_done(
    stack: FakeBackfillStack,
) -> None:
    for key in ("b/1.jpg", "b/2.jpg", "b/3.jpg"):
        stack.add_original(key)

    looks = seen_through(stack)

    assert stack.runs.log == ["start run 'b/' 40"]
    assert [(look.done, look.left) for look in looks] == [(0, 3), (1, 2), (2, 1), (3, 0)]
    assert [look.end for look in looks] == ["", "", "", "done"]


def test_images_that_no_listing_shows_are_sent_by_the_command(stack: FakeBackfillStack) -> None:
    stack.add_image("a.jpg")
    stack.scan.stored["old/a.jpg"] = StoredObject("old/a.jpg", 9)

    looks = seen_through(stack)

    [[task]] = [parse_message(message).tasks for message in stack.sent]
    assert task == Reconciliation("a.jpg", EVERYTHING, renditions=("old/a.jpg",))
    assert looks[-1].end == "done"


def test_an_image_with_variants_of_a_former_version_is_sent_by_the_command(
    stack: FakeBackfillStack,
) -> None:
    record = stack.add_image("a.jpg")
    name = f"~t/{record.id}/20x.jpg"
    stack.scan.stored[name] = StoredObject(name, 9)
    stack.scan.made_for[name] = Precedence("00")

    looks = seen_through(stack)

    [[task]] = [parse_message(message).tasks for message in stack.sent]
    assert task == Reconciliation("a.jpg", EVERYTHING, renditions=(name,))
    assert looks[-1].end == "done"


def test_variants_of_an_unknown_image_are_removed_by_the_command(
    stack: FakeBackfillStack,
) -> None:
    name = f"~t/{'a' * 26}/20x.jpg"
    stack.scan.stored[name] = StoredObject(name, 9)
    stack.scan.made_for[name] = Precedence("01")

    looks = seen_through(stack)

    assert (stack.sent, stack.scan.stored, looks[-1].end) == ([], {}, "done")


def test_one_image_may_need_work_for_two_reasons(stack: FakeBackfillStack) -> None:
    stack.add_image("a.jpg")
    stack.scan.stored = {"old/a.jpg": StoredObject("old/a.jpg", 9)}

    first = next(follow(RUN, planned(stack), stack.deps))

    assert (len(stack.sent), first.left) == (2, 1)


def test_the_command_waits_for_room_in_the_queue(stack: FakeBackfillStack) -> None:
    stack.add_image("a.jpg")
    stack.scan.listed.clear()
    stack.waiting.extend(f"other{number}.jpg" for number in range(40))
    agreed = planned(stack)
    looks = follow(RUN, agreed, stack.deps)

    next(looks)
    sent_at_first = list(stack.sent)
    next(looks)

    assert (sent_at_first, len(stack.sent)) == ([], 1)


def test_a_run_ends_when_all_images_left_have_failed(stack: FakeBackfillStack) -> None:
    stack.add_original("a.jpg")
    stack.is_broken = True

    looks = seen_through(stack)

    assert (looks[-1].end, looks[-1].left) == ("left", 1)


def test_images_behind_many_failed_ones_are_counted(stack: FakeBackfillStack) -> None:
    for number in range(70):
        stack.add_original(f"{number:02}.jpg")
    stack.broken = frozenset(f"{number:02}.jpg" for number in range(60))

    looks = seen_through(stack)

    assert (looks[-1].end, looks[-1].done, looks[-1].left) == ("left", 10, 60)


def test_a_run_stops_before_it_spends_more_than_its_budget(stack: FakeBackfillStack) -> None:
    for number in range(9):
        stack.add_original(f"{number}.jpg")
    stack.takes_ms = 200
    agreed = planned(stack)
    run = replace(RUN, budget=agreed.bill.total * 1.01)

    looks = seen_through(stack, run)

    assert (looks[-1].end, looks[-1].done) == ("budget", 1)
    assert stack.runs.log[-1] == "stop run"
    assert stack.runs.permissions[-1] < "2000"


def test_the_spending_of_a_run_counts_in_the_next_one(stack: FakeBackfillStack) -> None:
    stack.add_original("a.jpg")

    looks = seen_through(stack, replace(RUN, spent=0.5))

    assert stack.runs.last is not None
    assert stack.runs.last.spent == looks[-1].spent > 0.5


@pytest.mark.parametrize(("budget", "lasts"), [(None, "9999-12-31"), (1.0, "2026-05-04T12:01")])
def test_a_run_with_a_budget_has_permission_for_a_minute(
    stack: FakeBackfillStack, budget: float | None, lasts: str
) -> None:
    stack.add_original("a.jpg")

    begin(replace(RUN, budget=budget), planned(stack), stack.deps)

    assert stack.runs.permissions[0].startswith(lasts)


def test_the_permission_is_renewed_at_every_check(stack: FakeBackfillStack) -> None:
    stack.add_original("a.jpg")
    run = replace(RUN, budget=1.0)
    agreed = planned(stack)
    begin(run, agreed, stack.deps)
    stack.now_s_ = NOON_S + 50

    next(follow(run, agreed, stack.deps))

    assert stack.runs.permissions[-1].startswith("2026-05-04T12:01:50")


@pytest.mark.parametrize(
    ("committed", "before", "budget", "stop"),
    [(1, 0, None, False), (1, 0, 1, False), (1.1, 0, 1, True), (0.6, 0.5, 1, True)],
)
def test_a_budget_includes_the_images_in_flight(
    committed: float, before: float, budget: float | None, *, stop: bool
) -> None:
    assert must_stop(committed, before, budget) is stop
