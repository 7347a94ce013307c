"""Estimate: what a backfill will take, in messages, seconds and dollars, before it begins."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from imagemill.backfill.survey import BY_LISTING, DueImage, Reason, Survey
from imagemill.costs import prices
from imagemill.costs.prices import Bill, lambda_dollars

LOOK_MS = 10.0
"""To take a message, read a record and find nothing to do."""
_BATCH = 100
"""Originals that one child of the state machine takes, as template.yaml says."""
_FEEDERS = 5
"""Children at once, as template.yaml says."""
_FEEDER_GB = 64 / 1024
_PARENT_TRANSITIONS = 6
_CHILD_SECONDS = 2.0
_SQS_REQUESTS = 3
"""To send, receive and delete a message, if none ever shared a request."""
_READS_OF_S3 = 4
_READS_OF_RECORD = 5
_UNITS_OF_WRITE = 4
"""A record of up to 2 kB, in the table and in its index."""


@dataclass(frozen=True, slots=True)
class EstimateInputs:
    """How the stack works: most copies of the resizer at once, its memory, and how many presets."""

    concurrency: int
    presets: int
    memory_mb: int


@dataclass(frozen=True, slots=True)
class BackfillPlan:
    """What is to be done: `messages` go to the queue, `seconds` if nothing else is in it.

    `prefix` is the narrowest that covers every original the list of originals leads to; `fed`
    counts the originals under it, 0 if none needs work.
    """

    due: tuple[DueImage, ...]
    prefix: str
    fed: int
    messages: int
    bytes: int
    seconds: float
    bill: Bill


def plan(survey: Survey, fed: int, terms: EstimateInputs) -> BackfillPlan:
    """Return what mending all that a survey found will take; `fed` is the listing's length."""
    by_hand = [due for due in survey.due if due.why not in BY_LISTING]
    messages = fed + len(by_hand)
    ms = messages * LOOK_MS + sum(due.ms for due in survey.due)
    seconds = ms / 1000 / terms.concurrency
    return BackfillPlan(
        due=tuple(survey.due),
        prefix=narrowest(survey.due),
        fed=fed,
        messages=messages,
        bytes=sum(due.bytes for due in survey.due if due.why is not Reason.STRAY),
        seconds=seconds,
        bill=_bill(survey.due, fed, messages, seconds, terms),
    )


def narrowest(due: Iterable[DueImage]) -> str:
    """Return the longest beginning that all keys share which the list of originals leads to."""
    keys = [one.key for one in due if one.why in BY_LISTING]
    first, last = min(keys, default=""), max(keys, default="")
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(letter for letter, _ in shared)


def cost_of(due: DueImage, ms: float, terms: EstimateInputs) -> float:
    """Return what one image costs, its message included, when it takes so many milliseconds."""
    return sum(_pieces(due, ms, terms).values())


def _bill(
    due: Iterable[DueImage], fed: int, messages: int, seconds: float, terms: EstimateInputs
) -> Bill:
    items = _looks(messages, terms)
    for one in due:
        for name, dollars in _pieces(one, one.ms, terms).items():
            items[name] = items.get(name, 0.0) + dollars
    if fed:
        items["S3"] += -(-fed // 1000) * prices.S3_WRITE.each
        items["Step Functions"] = _feeding(fed, seconds)
    return Bill(items)


def _looks(messages: int, terms: EstimateInputs) -> dict[str, float]:
    return {
        "Lambda": lambda_dollars(messages * LOOK_MS, terms.memory_mb)
        + messages * prices.LAMBDA_REQUEST.each,
        "S3": 0.0,
        "DynamoDB": messages * prices.DYNAMODB_READ_UNIT.each,
        "SQS": messages * _SQS_REQUESTS * prices.SQS_REQUEST.each,
    }


def _pieces(due: DueImage, ms: float, terms: EstimateInputs) -> dict[str, float]:
    """Return what working on one image costs on top of looking at it."""
    made = 0 if due.why in {Reason.GONE, Reason.STRAY} else terms.presets
    reads = _READS_OF_S3 + 2 * terms.presets
    return {
        "Lambda": lambda_dollars(ms, terms.memory_mb),
        "S3": reads * prices.S3_READ.each + made * prices.S3_WRITE.each,
        "DynamoDB": _READS_OF_RECORD * prices.DYNAMODB_READ_UNIT.each
        + _UNITS_OF_WRITE * prices.DYNAMODB_WRITE_UNIT.each,
        "EventBridge": prices.EVENTBRIDGE_EVENT.each,
    }


def _feeding(fed: int, seconds: float) -> float:
    """Return what the state machine costs, its children waiting for room all the time."""
    children = -(-fed // _BATCH)
    child_seconds = max(children * _CHILD_SECONDS, min(children, _FEEDERS) * seconds)
    return (
        _PARENT_TRANSITIONS * prices.STATES_TRANSITION.each
        + children * prices.STATES_EXPRESS_REQUEST.each
        + child_seconds * _FEEDER_GB * prices.STATES_EXPRESS_GB_SECOND.each
    )
