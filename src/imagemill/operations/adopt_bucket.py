"""Have the events of an existing bucket sent to a stack, and take that back."""

from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.domain.adoption import (
    MAX_RULES,
    Adopter,
    NotificationChange,
    Notifications,
    adoption,
    conflicts,
    release,
)
from imagemill.errors import SetupFailed


class Bucket(Protocol):
    """The settings of an existing bucket."""

    def region(self) -> str:
        """Return the region of the bucket."""

    def read(self) -> Notifications:
        """Return the present notifications."""

    def change(self, change: NotificationChange, seen: Notifications) -> None:
        """Apply a change; raises SetupFailed if the notifications are not those seen."""


class Switches(Protocol):
    """Remembers for which buckets this stack has turned EventBridge on."""

    def is_ours(self, bucket: str) -> bool:
        """Return whether this stack has turned it on."""

    def note(self, bucket: str, *, is_ours: bool) -> None:
        """Remember it, or forget it."""


@dataclass(frozen=True, slots=True)
class AdoptionPlan:
    """A change of the notifications of a bucket, and the notifications that it is based on."""

    bucket: str
    change: NotificationChange
    seen: Notifications


def plan_adoption(
    name: str, bucket: Bucket, adopter: Adopter, switches: Switches, *, undo: bool = False
) -> AdoptionPlan:
    """Return the change that adopts a bucket, or that undoes the adoption; nothing is changed yet.

    Raises SetupFailed for a bucket in another region, and for rules of others that overlap, which
    it names.
    """
    if (region := bucket.region()) != adopter.region:
        raise SetupFailed(
            f"the bucket is in {region} and the stack in {adopter.region}: they must be in one"
        )
    seen = bucket.read()
    make = release if undo else adoption
    change = make(adopter, seen, switched_on=switches.is_ours(name))
    if overlapping := conflicts(change):
        others = dict.fromkeys(
            f"{other.id or 'without an id'} → {other.arn}" for _, other in overlapping
        )
        raise SetupFailed(
            "S3 would refuse it: these notifications get some of the same events: "
            f"{'; '.join(others)}. Narrow OriginalsPrefix or OriginalsSuffixes, or deploy the "
            "stack with OriginalsEvents=eventbridge, which has no such limit"
        )
    if len(change.keep) + len(adopter.rules()) > MAX_RULES and change.add:
        raise SetupFailed(f"a bucket has at most {MAX_RULES} notifications")
    return AdoptionPlan(name, change, seen)


def carry_out(plan: AdoptionPlan, bucket: Bucket, switches: Switches) -> None:
    """Change the bucket.

    That EventBridge is ours is noted before it is turned on, and forgotten after it is turned off:
    if the command is killed in between, `--undo` still works.
    """
    if plan.change.eventbridge:
        switches.note(plan.bucket, is_ours=True)
    bucket.change(plan.change, plan.seen)
    if plan.change.eventbridge is False:
        switches.note(plan.bucket, is_ours=False)
