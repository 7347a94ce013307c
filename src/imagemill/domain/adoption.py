"""The events of an existing bucket: which notifications a stack adds to those of others.

S3 refuses two rules that could send the same event: same type, and filters that one key can match.
Source: "Configuring event notifications using object key name filtering", Amazon S3 User Guide.
"""

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from imagemill.dataclass import dataclass

# Types of the events that a stack needs, sorted, as in template/resources/buckets.yaml.
EVENTS = (
    "s3:LifecycleExpiration:*",
    "s3:ObjectCreated:*",
    "s3:ObjectRemoved:*",
    "s3:ObjectRestore:Completed",
)
# Most rules of a bucket; source: "Amazon S3 Event Notifications", Amazon S3 User Guide.
MAX_RULES = 100


@dataclass(frozen=True, slots=True)
class NotificationRule:
    """One rule of a bucket: the types of events, the filter, and the ARN that gets the events.

    The types are sorted, because S3 returns them in any order.
    """

    id: str
    arn: str
    events: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""

    def overlaps(self, other: "NotificationRule") -> bool:
        """Return whether S3 refuses the two rules on one bucket."""
        return (
            any(_can_share(one, two) for one in self.events for two in other.events)
            and _one_begins(self.prefix, other.prefix)
            and _one_begins(self.suffix[::-1], other.suffix[::-1])
        )


@dataclass(frozen=True, slots=True)
class Notifications:
    """The rules of a bucket, and whether EventBridge gets all of its events, too."""

    rules: tuple[NotificationRule, ...] = ()
    has_eventbridge: bool = False


@dataclass(frozen=True, slots=True)
class Adopter:
    """A stack that uses an existing bucket: its name, its queue, and the keys that it processes."""

    stack: str
    queue_arn: str
    prefix: str = ""
    suffixes: tuple[str, ...] = ()
    by_eventbridge: bool = False

    @property
    def region(self) -> str:
        """The region of the stack, in which the bucket has to be."""
        return self.queue_arn.split(":")[3]

    def owns(self, rule: NotificationRule) -> bool:
        """Return whether the rule was added for this stack; a stack's name has no colon.

        A stack of another account may have the same name. The queue may be one that the stack had
        before it was deleted and deployed again.
        """
        is_named = rule.id.startswith(f"imagemill:{self.stack}:")
        return is_named and _place(rule.arn) == _place(self.queue_arn)

    def rules(self) -> tuple[NotificationRule, ...]:
        """Return the rules that the stack needs; S3 allows one suffix in each."""
        if self.by_eventbridge:
            return ()
        return tuple(
            NotificationRule(
                f"imagemill:{self.stack}:{number}", self.queue_arn, EVENTS, self.prefix, suffix
            )
            for number, suffix in enumerate(_without_longer(self.suffixes) or [""], 1)
        )


@dataclass(frozen=True, slots=True)
class NotificationChange:
    """A change of a bucket's notifications; `eventbridge` is None if the switch stays as it is."""

    add: tuple[NotificationRule, ...] = ()
    remove: tuple[NotificationRule, ...] = ()
    keep: tuple[NotificationRule, ...] = ()
    eventbridge: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is changed."""
        return not self.add and not self.remove and self.eventbridge is None


def adoption(adopter: Adopter, now: Notifications, *, switched_on: bool) -> NotificationChange:
    """Return the change after which exactly the events that the stack needs arrive.

    `switched_on` tells whether this stack has turned EventBridge on for the bucket.
    """
    return _change_to(adopter.rules(), adopter, now, switched_on=switched_on)


def release(adopter: Adopter, now: Notifications, *, switched_on: bool) -> NotificationChange:
    """Return the change that takes back everything done for the stack, and nothing else."""
    return _change_to((), replace(adopter, by_eventbridge=False), now, switched_on=switched_on)


def conflicts(change: NotificationChange) -> list[tuple[NotificationRule, NotificationRule]]:
    """Return the pairs of a new rule and a rule of others that S3 refuses."""
    return [(new, other) for new in change.add for other in change.keep if new.overlaps(other)]


def _change_to(
    wanted: tuple[NotificationRule, ...], adopter: Adopter, now: Notifications, *, switched_on: bool
) -> NotificationChange:
    eventbridge = None
    if adopter.by_eventbridge and not now.has_eventbridge:
        eventbridge = True
    if not adopter.by_eventbridge and now.has_eventbridge and switched_on:
        eventbridge = False
    return NotificationChange(
        add=tuple(rule for rule in wanted if rule not in now.rules),
        remove=tuple(rule for rule in now.rules if adopter.owns(rule) and rule not in wanted),
        keep=tuple(rule for rule in now.rules if not adopter.owns(rule)),
        eventbridge=eventbridge,
    )


def _place(arn: str) -> list[str]:
    """Return service, region and account of an ARN."""
    return arn.split(":")[2:5]


def _can_share(one: str, two: str) -> bool:
    """Return whether one event can have both types, such as s3:ObjectCreated:* and :Put."""
    return fnmatchcase(one, two) or fnmatchcase(two, one)


def _one_begins(one: str, two: str) -> bool:
    return one.startswith(two) or two.startswith(one)


def _without_longer(suffixes: Iterable[str]) -> list[str]:
    """Return the suffixes without those that end with another: every key of theirs matches that."""
    unique = list(dict.fromkeys(suffixes))
    return [one for one in unique if not any(one != two and one.endswith(two) for two in unique)]
