"""Adopting a bucket: the plan and its order of steps."""

from dataclasses import dataclass, field

import pytest

from imagemill.domain.adoption import (
    EVENTS,
    Adopter,
    NotificationChange,
    NotificationRule,
    Notifications,
)
from imagemill.errors import SetupFailed
from imagemill.operations.adopt_bucket import AdoptionPlan, carry_out, plan_adoption

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:uploads"
THEIRS = NotificationRule(
    "thumbs", "arn:aws:lambda:eu-west-1:1:function:f", ("s3:ObjectCreated:*",)
)


@dataclass
class FakeBucket:
    """A bucket's notifications, and the note about EventBridge; logs the order of the writes."""

    now: Notifications = field(default_factory=Notifications)
    ours: bool = False
    place: str = "eu-west-1"
    log: list[object] = field(default_factory=list)

    def region(self) -> str:
        return self.place

    def read(self) -> Notifications:
        return self.now

    def change(self, change: NotificationChange, seen: Notifications) -> None:
        assert seen == self.now
        self.log.append(change)

    def is_ours(self, bucket: str) -> bool:
        assert bucket == "photos"
        return self.ours

    def note(self, bucket: str, *, is_ours: bool) -> None:
        assert bucket == "photos"
        self.log.append(is_ours)


def plan(bucket: FakeBucket, *, by_eventbridge: bool = False, undo: bool = False) -> AdoptionPlan:
    adopter = Adopter("mill", QUEUE, by_eventbridge=by_eventbridge)
    return plan_adoption("photos", bucket, adopter, bucket, undo=undo)


def test_a_notification_is_added_without_a_note() -> None:
    bucket = FakeBucket()

    carry_out(plan(bucket), bucket, bucket)

    assert bucket.log == [
        NotificationChange(add=(NotificationRule("imagemill:mill:1", QUEUE, EVENTS),))
    ]


def test_a_bucket_of_another_region_is_refused() -> None:
    with pytest.raises(SetupFailed, match="bucket is in us-east-1 and the stack in eu-west-1"):
        plan(FakeBucket(place="us-east-1"))


def test_rules_that_overlap_are_refused_and_named() -> None:
    with pytest.raises(SetupFailed, match=r"thumbs → arn:aws:lambda.*eventbridge"):
        plan(FakeBucket(Notifications((THEIRS,))))


def test_eventbridge_allows_rules_that_overlap() -> None:
    bucket = FakeBucket(Notifications((THEIRS,)))

    carry_out(plan(bucket, by_eventbridge=True), bucket, bucket)

    assert bucket.log == [True, NotificationChange(keep=(THEIRS,), eventbridge=True)]


def test_the_note_is_deleted_after_eventbridge_is_turned_off() -> None:
    bucket = FakeBucket(Notifications(has_eventbridge=True), ours=True)

    carry_out(plan(bucket, by_eventbridge=True, undo=True), bucket, bucket)

    assert bucket.log == [NotificationChange(eventbridge=False), False]


def test_a_bucket_takes_no_more_than_a_hundred_rules() -> None:
    others = [NotificationRule(str(n), QUEUE, ("s3:ObjectTagging:*",), f"{n}/") for n in range(100)]

    with pytest.raises(SetupFailed, match="at most 100"):
        plan(FakeBucket(Notifications(tuple(others))))
