"""Estimate the messages, seconds and dollars of a backfill before it starts."""

from collections.abc import Iterable
from itertools import takewhile

from imagemill.backfill.due import BY_LISTING, REMOVALS, DueImage, Reason
from imagemill.backfill.survey import Survey
from imagemill.costs import prices
from imagemill.costs.prices import Bill, lambda_dollars
from imagemill.dataclass import dataclass

# Time to receive a message, read a record and find nothing to do, ms.
LOOK_MS = 10.0
# Originals for each child execution of the state machine, as in template.yaml.
_ORIGINALS_A_CHILD = 100
# Child executions that run at once, as in template.yaml.
_CHILDREN_AT_ONCE = 5
_CHILD_GB = 64 / 1024
_PARENT_TRANSITIONS = 6
_CHILD_SECONDS = 2.0
# Reasons whose bytes are not those of originals.
_OTHER_BYTES = frozenset({Reason.STRAY, Reason.OUTDATED, Reason.ORPHANED})
# Time from the start of a run to the first rendition on the embedded AWS, s. Measured: 3 to 5.
_EMULATED_START_S = 3.0
# Requests to send, receive and delete a message, if no two messages share one.
_SQS_REQUESTS = 3
_READS_OF_S3 = 4
_READS_OF_RECORD = 5
# Write units for a record of up to 2 kB, in the table and in its index.
_UNITS_OF_WRITE = 4


@dataclass(frozen=True, slots=True)
class EstimateInputs:
    """Settings of the stack: maximum concurrency, memory size (MB).

    `message_s` is the least time from one message to the next, s. It is 0 on AWS; on the embedded
    AWS all services share one process, so workers wait for it.
    """

    concurrency: int
    memory_mb: int
    message_s: float = 0.0


@dataclass(frozen=True, slots=True)
class BackfillPlan:
    """A backfill: its messages, and the seconds that it takes if the queue is otherwise empty.

    `prefix` is the longest prefix of all originals that the state machine has to list; `listed`
    counts the originals with it, 0 if none needs work. `objects` is the number of images that need
    work, and `due` those that are known.
    """

    due: tuple[DueImage, ...]
    objects: int
    prefix: str
    listed: int
    messages: int
    bytes: int
    seconds: float
    bill: Bill


def plan(
    survey: Survey, listed: int, inputs: EstimateInputs, *, share: float = 1.0, sent: int = 0
) -> BackfillPlan:
    """Return the plan for the result of a survey; `listed` is the length of the listing.

    `share` is that of the originals that were compared with their records, above 0 and at most 1.
    The others are expected to need work as often. `sent` messages are in the queue already.
    """
    unlisted = [due for due in survey.due if due.why not in BY_LISTING]
    messages = sent + listed + len(unlisted)
    seconds = _seconds(survey, messages, inputs, share)
    return BackfillPlan(
        due=tuple(survey.due),
        objects=round(len(survey.due) / share),
        prefix=narrowest(survey.due),
        listed=listed,
        messages=messages,
        bytes=round(sum(due.bytes for due in survey.due if due.why not in _OTHER_BYTES) / share),
        seconds=seconds,
        bill=_bill(survey.due, listed, _Sending(messages, seconds, share), inputs),
    )


def _seconds(survey: Survey, messages: int, inputs: EstimateInputs, share: float) -> float:
    """Return how long a backfill takes, s.

    On the embedded AWS, `message_s` has the requests of an image. A measured time has them, too, so
    the longer one counts. An assumed time is one of AWS: only its share for pixels is added.
    """
    working_ms = sum(due.ms for due in survey.due) / share
    working_s = (messages * LOOK_MS + working_ms) / 1000 / inputs.concurrency
    if not inputs.message_s:
        return working_s
    passing_s = _EMULATED_START_S + messages * inputs.message_s
    if survey.pace.images:
        return max(working_s, passing_s)
    base_ms, _ = survey.pace.line
    pixels_ms = sum(max(0.0, due.ms - base_ms) for due in survey.due) / share
    return passing_s + pixels_ms / 1000 / inputs.concurrency


def narrowest(due: Iterable[DueImage]) -> str:
    """Return the longest common prefix of the keys that a listing of the originals shows."""
    keys = [one.key for one in due if one.why in BY_LISTING]
    first, last = min(keys, default=""), max(keys, default="")
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(character for character, _ in shared)


def cost_of(due: DueImage, ms: float, inputs: EstimateInputs) -> float:
    """Return the cost of one image that takes `ms` milliseconds, with its message, dollars."""
    return sum(_pieces(due, ms, inputs).values())


@dataclass(frozen=True, slots=True)
class _Sending:
    """Number of messages, time of the run (s), and the share of the originals in the sample."""

    messages: int
    seconds: float
    share: float


def _bill(due: Iterable[DueImage], listed: int, sending: _Sending, inputs: EstimateInputs) -> Bill:
    items = _looks(sending.messages, inputs)
    for one in due:
        for name, dollars in _pieces(one, one.ms, inputs).items():
            items[name] = items.get(name, 0.0) + dollars / sending.share
    if listed:
        items["S3"] += -(-listed // 1000) * prices.S3_WRITE.each
        items["Step Functions"] = _state_machine(listed, sending.seconds)
    return Bill(items)


def _looks(messages: int, inputs: EstimateInputs) -> dict[str, float]:
    return {
        "Lambda": lambda_dollars(messages * LOOK_MS, inputs.memory_mb)
        + messages * prices.LAMBDA_REQUEST.each,
        "S3": 0.0,
        "DynamoDB": messages * prices.DYNAMODB_READ_UNIT.each,
        "SQS": messages * _SQS_REQUESTS * prices.SQS_REQUEST.each,
    }


def _pieces(due: DueImage, ms: float, inputs: EstimateInputs) -> dict[str, float]:
    """Return the cost of processing one image, besides looking at it, dollars by service."""
    made = 0 if due.why in REMOVALS else due.presets
    reads = _READS_OF_S3 + 2 * due.presets
    # An image that has a record is searched for variants: one query, and one list request, which
    # S3 bills as a write.
    searches = 1 if due.revision else 0
    return {
        "Lambda": lambda_dollars(ms, inputs.memory_mb),
        "S3": reads * prices.S3_READ.each + (made + searches) * prices.S3_WRITE.each,
        "DynamoDB": (_READS_OF_RECORD + searches) * prices.DYNAMODB_READ_UNIT.each
        + _UNITS_OF_WRITE * prices.DYNAMODB_WRITE_UNIT.each,
        "EventBridge": prices.EVENTBRIDGE_EVENT.each,
    }


def _state_machine(listed: int, seconds: float) -> float:
    """Return the cost of the state machine if its children wait for the queue all the time."""
    children = -(-listed // _ORIGINALS_A_CHILD)
    child_seconds = max(children * _CHILD_SECONDS, min(children, _CHILDREN_AT_ONCE) * seconds)
    return (
        _PARENT_TRANSITIONS * prices.STATES_TRANSITION.each
        + children * prices.STATES_EXPRESS_REQUEST.each
        + child_seconds * _CHILD_GB * prices.STATES_EXPRESS_GB_SECOND.each
    )
