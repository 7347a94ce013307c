from dataclasses import dataclass, field, replace

import pytest
from fakes.cloud import ready_record, rejected_record
from fakes.events import created
from fakes.stores import FakeRecords

from imagemill.api.look import LookDeps
from imagemill.api.reprocess import reprocess
from imagemill.domain.caller import EVERYTHING, OWN_IMAGES, Caller, owning
from imagemill.domain.notification import parse_message
from imagemill.domain.reconciliation import Concern, Reconciliation
from imagemill.domain.record import Fault, ImageRecord
from imagemill.domain.transitions import AttemptTimes, deleted, failed, pending
from imagemill.errors import Gone, NotFound, NotReady

ADMIN = Caller("key:k", EVERYTHING)
WORK = AttemptTimes("r1", 4, "2026-05-04T10:20:30.123Z", 12)


@dataclass
class Sent:
    """A queue that keeps its messages."""

    tasks: list[Reconciliation] = field(default_factory=list)

    def send_later(self, message: str, delay_s: int) -> None:
        assert delay_s == 0
        for task in parse_message(message).tasks:
            assert isinstance(task, Reconciliation)
            self.tasks.append(task)


def asked_again(record: ImageRecord, caller: Caller = ADMIN) -> tuple[ImageRecord, Sent]:
    queue = Sent()
    deps = LookDeps(FakeRecords({record.id: record}), queue)
    return reprocess(record.id, deps, caller), queue


@pytest.mark.parametrize(
    "record",
    [
        replace(ready_record("a.jpg"), revision=3),
        rejected_record("a.txt"),
        failed(created("a.jpg"), WORK, Fault("crashed", "x")),
    ],
    ids=["ready", "rejected", "failed"],
)
def test_an_image_in_any_final_state_is_sent_to_a_worker(record: ImageRecord) -> None:
    answer, queue = asked_again(record)

    assert answer == record
    [task] = queue.tasks
    assert (task.key, task.revision) == (record.key, record.revision)
    assert task.concerns == {Concern.MISSING, Concern.STALE, Concern.REQUESTED}


@pytest.mark.parametrize(
    ("record", "caller", "fault"),
    [
        (pending("a.jpg", 1, "2026-05-04T10:20:30.123Z", 0), ADMIN, NotReady),
        (deleted(created("a.jpg"), 0), ADMIN, Gone),
        (ready_record("a.jpg"), owning("user:bob", OWN_IMAGES), NotFound),
    ],
)
def test_no_other_image_is_sent(
    record: ImageRecord, caller: Caller, fault: type[Exception]
) -> None:
    queue = Sent()
    deps = LookDeps(FakeRecords({record.id: record}), queue)

    with pytest.raises(fault):
        reprocess(record.id, deps, caller)
    assert queue.tasks == []
