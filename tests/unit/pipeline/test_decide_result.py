"""The next action after the result of a download, a rendering or a write."""

from dataclasses import replace

import pytest
from fakes.decisions import (
    MINE,
    RECIPE,
    RULES,
    WORK,
    facts,
    other_bytes,
    ready_record,
    record_in_progress,
    stored,
    whole,
)
from fakes.events import created

from imagemill.domain.record import Fault
from imagemill.domain.record_focus import ChosenFocus
from imagemill.domain.rendition_metadata import Placement, Precedence, PutResult, StoredState
from imagemill.imaging import Facts as ImageFacts
from imagemill.imaging import Rendered, Rendition
from imagemill.pipeline.actions import (
    Copy,
    Finish,
    KeepOrFail,
    Make,
    Reuse,
    Store,
    TryLater,
    Write,
    WritePending,
    Yield,
)
from imagemill.pipeline.decide_result import (
    decide_read,
    decide_rendered,
    decide_reused,
    decide_stored,
    decide_unreadable,
    decide_yielded,
    may_replace,
    reads_for_unreadable,
)
from imagemill.pipeline.outcome import Outcome

CENTRED = ChosenFocus()
EVENT = created(sequencer="06")
OTHER = other_bytes(EVENT)
READY = ready_record("05")
RENDERED = Rendered(
    ImageFacts("jpeg", 1, 40, 30), (Rendition("p", b"made", 20, 15, "jpeg"),), (), "hash", "#aabbcc"
)
WHY = Fault("original_archived", "restore it")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (Make(EVENT, None), False),
        (Make(EVENT, READY), True),
        (Make(OTHER, READY, replaces_version=True), False),
        (Make(OTHER, record_in_progress("06"), is_pending=True), True),
    ],
)
def test_renditions_are_replaced_for_the_same_bytes_or_after_a_record_in_progress(
    make: Make, expected: bool
) -> None:
    assert may_replace(make) is expected


def test_renditions_of_other_bytes_are_stored_after_a_record_in_progress() -> None:
    make = Make(OTHER, READY, replaces_version=True)

    assert decide_rendered(make, RENDERED, 5, CENTRED) == WritePending(
        Store(make, RENDERED, 5, CENTRED)
    )


def test_the_first_renditions_are_stored_at_once() -> None:
    make = Make(EVENT, None)

    assert decide_rendered(make, RENDERED, 5, CENTRED) == Store(make, RENDERED, 5, ChosenFocus())


def test_an_occupied_key_needs_a_record_in_progress() -> None:
    store = Store(Make(EVENT, None), RENDERED, 5, CENTRED)

    assert decide_stored(store, [put(Placement.OCCUPIED)], WORK, facts(), RULES) == WritePending(
        store
    )


def test_a_skipped_rendition_yields() -> None:
    store = Store(Make(EVENT, None), RENDERED, 5, CENTRED)

    assert decide_stored(store, [put(Placement.SKIPPED)], WORK, facts(), RULES) == Yield(EVENT)


@pytest.mark.parametrize("placement", [Placement.CREATED, Placement.REPLACED, Placement.PRESENT])
def test_stored_renditions_are_recorded_with_their_stored_size(placement: Placement) -> None:
    store = Store(Make(EVENT, READY), RENDERED, 5, CENTRED)

    write = decide_stored(store, [put(placement)], WORK, facts(READY), RULES)

    assert isinstance(write, Write)
    assert (write.outcome, write.record.sequencer, write.record.revision) == (
        Outcome.READY,
        "06",
        2,
    )
    assert write.record.renditions["p"].bytes == 77


def test_a_rendition_that_changed_while_it_was_read_is_not_copied() -> None:
    action = Reuse(EVENT, READY, whole(READY))

    assert decide_read(action, {MINE: b"made"}) == Copy(action, {MINE: b"made"})
    assert decide_read(action, {MINE: None}) is None


def test_copied_renditions_are_recorded_for_the_newer_event() -> None:
    action = Reuse(EVENT, READY, whole(READY))

    write = decide_reused(action, {"p": put(Placement.REPLACED)}, facts(READY), RULES)

    assert isinstance(write, Write)
    assert (write.record.sequencer, write.record.renditions["p"].bytes) == ("06", 77)


def test_a_copy_yields_to_a_higher_precedence() -> None:
    action = Reuse(EVENT, READY, whole(READY))

    step = decide_reused(action, {"p": put(Placement.SKIPPED)}, facts(READY), RULES)

    assert step == Yield(EVENT)


def test_an_unreadable_original_keeps_the_renditions_of_the_same_size() -> None:
    make = Make(replace(OTHER, bytes=1), READY)
    states = whole(READY)

    step = decide_unreadable(KeepOrFail(make, WHY), states, facts(READY), RULES)

    assert reads_for_unreadable(make) == {MINE}
    assert step == Reuse(make.event, READY, states)


def test_an_unreadable_original_without_renditions_fails() -> None:
    make = Make(OTHER, None)

    step = decide_unreadable(KeepOrFail(make, WHY), {}, facts(), RULES)

    assert reads_for_unreadable(make) == frozenset()
    assert isinstance(step, Write)
    assert (step.outcome, step.record.error) == (Outcome.FAILED, WHY)


@pytest.mark.parametrize(
    ("make", "states"),
    [(Make(EVENT, READY), whole(READY)), (Make(replace(OTHER, bytes=1), READY), {MINE: None})],
)
def test_an_unreadable_original_changes_nothing_if_renditions_cannot_be_kept(
    make: Make, states: dict[str, StoredState | None]
) -> None:
    step = decide_unreadable(KeepOrFail(make, WHY), states, facts(READY), RULES)

    assert step == Finish(Outcome.FAILED)


def test_facts_are_gathered_again_if_the_record_has_changed() -> None:
    assert decide_yielded(EVENT, None, facts(ready_record("06")), RULES) is None


def test_a_rendition_of_a_newer_event_supersedes_this_one() -> None:
    newer = {MINE: stored(Precedence("07", 7, RECIPE.hash))}

    step = decide_yielded(EVENT, READY, replace(facts(READY), stored=newer), RULES)

    assert isinstance(step, Finish)
    assert step.outcome is Outcome.SUPERSEDED


def test_a_rendition_of_a_newer_deployment_is_waited_for() -> None:
    newer = {MINE: stored(Precedence("06", 9, "next"))}

    step = decide_yielded(EVENT, READY, replace(facts(READY), stored=newer), RULES)

    assert step == TryLater("a newer deployment is at work on the same event")


def put(placement: Placement) -> PutResult:
    """Return the result of a write after which the object has 77 bytes."""
    return PutResult(placement, 77)
