from dataclasses import dataclass, replace

import pytest
from fakes.api import FakeLookQueue
from fakes.cloud import ready_record, rejected_record
from fakes.events import created
from fakes.pipeline import RacedRecords

from imagemill.api.focus import change_focus
from imagemill.api.look import LookDeps
from imagemill.domain.caller import EVERYTHING, OWN_IMAGES, Caller, owning
from imagemill.domain.event import Focus
from imagemill.domain.record import Fault, ImageRecord
from imagemill.domain.transitions import AttemptTimes, deleted, failed, pending
from imagemill.errors import (
    Gone,
    NotFound,
    NotReady,
    RecordedRejection,
    StoreUnavailable,
    WorkFailed,
)

ADMIN = Caller("key:k", EVERYTHING)
LEFT, RIGHT = Focus(0, 0.5), Focus(1, 0.5)
READY = ready_record("a.jpg")
WORK = AttemptTimes("r1", 1, "2026-05-04T10:20:30.123Z", 12)


@dataclass
class Changes:
    """Changes of one image."""

    record: ImageRecord = READY

    def __post_init__(self) -> None:
        self.records = RacedRecords({self.record.id: self.record})
        self.queue = FakeLookQueue()

    def change(self, focus: Focus | None, caller: Caller = ADMIN) -> ImageRecord:
        return change_focus(self.record.id, focus, LookDeps(self.records, self.queue), caller)

    def change_meanwhile(self) -> None:
        """Change the point as another caller."""
        self.change(LEFT)

    @property
    def stored(self) -> ImageRecord:
        return self.records.items[self.record.id]


def test_a_change_is_written_into_the_record_between_two_messages() -> None:
    changes = Changes()
    order: list[str] = []
    changes.records.before_put = lambda: order.extend(map(str, changes.queue.sent))

    record = changes.change(LEFT)

    assert order == ["('a.jpg', 60)"]
    assert changes.queue.sent == [("a.jpg", 60), ("a.jpg", 0)]
    assert record == changes.stored
    assert (record.wanted_focus, record.focus, record.status) == (LEFT, None, "ready")
    assert record.sequencer == READY.sequencer


def test_the_point_that_an_image_has_is_not_changed() -> None:
    changes = Changes(replace(READY, focus=LEFT))

    assert changes.change(LEFT) == changes.stored == changes.record
    assert changes.queue.sent == []


def test_the_point_that_an_image_is_to_get_is_asked_for_again() -> None:
    changes = Changes()
    first = changes.change(LEFT)
    changes.queue.sent.clear()

    assert changes.change(LEFT) == first
    assert changes.queue.sent == [("a.jpg", 0)]


def test_a_change_is_written_over_the_revision_of_another_writer() -> None:
    changes = Changes()
    newer = replace(READY, sequencer="02", version_id="v2", revision=2)
    changes.records.before_put = lambda: changes.records.items.update({READY.id: newer})

    record = changes.change(LEFT)

    assert (record.version_id, record.revision, record.wanted_focus) == ("v2", 3, LEFT)
    assert record.focus_change is not None
    assert record.focus_change.place > "02"


def test_two_callers_with_one_point_write_it_once() -> None:
    changes = Changes()
    changes.records.before_put = changes.change_meanwhile

    record = changes.change(LEFT)

    assert record.revision == 2


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        (pending("a.jpg", 1, "2026-05-04T10:20:30.123Z", 0), NotReady),
        (deleted(created("a.jpg"), 0), Gone),
        (replace(rejected_record(), id=READY.id), RecordedRejection),
        (failed(created("a.jpg"), WORK, Fault("crashed", "x")), WorkFailed),
    ],
)
def test_only_an_image_with_renditions_gets_a_point(
    record: ImageRecord, fault: type[Exception]
) -> None:
    changes = Changes(record)

    with pytest.raises(fault):
        changes.change(LEFT)
    assert (changes.stored, changes.queue.sent) == (record, [])


def test_an_image_that_is_overwritten_meanwhile_gets_no_point() -> None:
    changes = Changes()
    newer = replace(READY, status="pending", sequencer="02", revision=2)
    changes.records.before_put = lambda: changes.records.items.update({READY.id: newer})

    with pytest.raises(NotReady):
        changes.change(LEFT)
    assert changes.stored == newer


def test_the_image_of_another_owner_is_not_found() -> None:
    changes = Changes()

    with pytest.raises(NotFound):
        changes.change(LEFT, owning("user:bob", OWN_IMAGES))
    assert changes.stored == READY


def test_without_the_first_message_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise StoreUnavailable("no queue")

    changes = Changes()
    monkeypatch.setattr(FakeLookQueue, "send_later", break_down)

    with pytest.raises(StoreUnavailable):
        changes.change(RIGHT)
    assert changes.stored == READY
