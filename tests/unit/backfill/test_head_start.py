import json
from dataclasses import replace

import pytest
from fakes.backfill import PAGE, RULES, FakeBackfillStack

from imagemill.backfill.estimate import EstimateInputs, cost_of, plan
from imagemill.backfill.head_start import HeadStart
from imagemill.backfill.sample import Sample, take_sample
from imagemill.backfill.survey import Selection, Survey, survey
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.reconciliation import EVERYTHING, StoredObject

RUN = BackfillRun("run", "", EVERYTHING, codes=frozenset({"too_many_pixels"}))
SELECTION = Selection("", EVERYTHING, RULES)


@pytest.fixture
def stack() -> FakeBackfillStack:
    return FakeBackfillStack()


def sampled(stack: FakeBackfillStack) -> Sample:
    return take_sample(SELECTION, stack.scan, lambda _: None)


def surveyed(stack: FakeBackfillStack, start: HeadStart) -> Survey:
    return survey(SELECTION, stack.scan, start.on_page)


def keys_of(messages: list[str]) -> list[str]:
    return [json.loads(message)["Key"] for message in messages]


def test_a_sample_counts_all_originals_and_compares_one_in_ten(stack: FakeBackfillStack) -> None:
    for number in range(2 * PAGE):
        stack.add_original(f"{number:04}.jpg", size=1000 + number % 10)
        if number % 10 == 3:
            stack.add_image(f"done/{number:04}.jpg")

    sample = sampled(stack)

    assert (sample.listed, sample.survey.originals) == (2200, 2200)
    assert sample.share == pytest.approx(0.1)
    assert len(sample.survey.due) == 200


@pytest.mark.parametrize("message_s", [0.0, 0.03])
def test_a_sample_estimates_what_a_survey_finds(stack: FakeBackfillStack, message_s: float) -> None:
    for number in range(PAGE):
        stack.add_original(f"{number:04}.jpg")
    inputs = replace(stack.deps.inputs, message_s=message_s)
    sample = sampled(stack)

    rough = plan(sample.survey, sample.listed, inputs, share=sample.share)
    exact = plan(survey(SELECTION, stack.scan, lambda _: None), PAGE, inputs)

    assert (rough.objects, rough.messages, rough.bytes) == (PAGE, PAGE, exact.bytes)
    assert rough.seconds == pytest.approx(exact.seconds)
    assert rough.bill.items == pytest.approx(exact.bill.items)


def test_messages_are_sent_after_the_first_page(stack: FakeBackfillStack) -> None:
    for number in range(PAGE + 1):
        stack.add_original(f"{number:04}.jpg")
    start = HeadStart(RUN, stack.deps)
    sent: list[int] = []

    def after_page(found: Survey) -> None:
        start.on_page(found)
        sent.append(len(stack.sent))

    survey(SELECTION, stack.scan, after_page)

    assert sent[0] == stack.deps.backlog
    first = json.loads(stack.sent[0])
    assert (first["Key"], first["Codes"]) == ("0000.jpg", ["too_many_pixels"])


def test_no_image_gets_two_messages_and_the_queue_stays_short(stack: FakeBackfillStack) -> None:
    for number in range(3 * PAGE):
        stack.add_original(f"{number:04}.jpg")
    start = HeadStart(RUN, stack.deps)

    def after_page(found: Survey) -> None:
        start.on_page(found)
        assert len(stack.waiting) <= stack.deps.backlog
        stack.waiting.popleft()

    survey(SELECTION, stack.scan, after_page)

    assert keys_of(stack.sent) == [f"{number:04}.jpg" for number in range(start.sent)]
    assert start.sent > stack.deps.backlog


def test_only_images_of_the_listing_get_a_head_start(stack: FakeBackfillStack) -> None:
    stack.add_original("a.jpg")
    stack.add_image("b.jpg")
    stack.scan.stored["old/b.jpg"] = StoredObject("old/b.jpg", 9)
    start = HeadStart(RUN, stack.deps)

    found = surveyed(stack, start)
    start.on_page(found)

    assert (len(found.due), keys_of(stack.sent), start.sent) == (2, ["a.jpg"], 1)


def test_a_head_start_stays_within_the_budget(stack: FakeBackfillStack) -> None:
    for number in range(9):
        stack.add_original(f"{number}.jpg")
    [due, *_] = survey(SELECTION, stack.scan, lambda _: None).due
    inputs: EstimateInputs = stack.deps.inputs
    run = replace(RUN, spent=1.0, budget=1.0 + 3.5 * cost_of(due, due.ms, inputs))
    start = HeadStart(run, stack.deps)

    surveyed(stack, start)

    assert start.sent == 3
    assert start.dollars == pytest.approx(3 * cost_of(due, due.ms, inputs))
