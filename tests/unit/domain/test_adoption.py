"""Which notifications a stack adds to an existing bucket."""

import pytest
from fakes.template import read_template

from imagemill.domain.adoption import (
    EVENTS,
    Adopter,
    NotificationChange,
    NotificationRule,
    Notifications,
    adoption,
    conflicts,
    release,
)

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:uploads"
OURS = NotificationRule("imagemill:mill:1", QUEUE, EVENTS)
THEIRS = NotificationRule(
    "theirs", "arn:aws:lambda:eu-west-1:1:function:f", ("s3:ObjectCreated:Put",), "logs/"
)


def rule(event: str, prefix: str = "", suffix: str = "") -> NotificationRule:
    return NotificationRule("r", "arn", (event,), prefix, suffix)


# The examples of "Configuring event notifications using object key name filtering", and more.
@pytest.mark.parametrize(
    ("one", "two", "refused"),
    [
        (rule("s3:ObjectCreated:*"), rule("s3:ObjectCreated:*", "images"), True),
        (rule("s3:ObjectCreated:Put", "images/"), rule("s3:ObjectCreated:Put", "logs/"), False),
        (rule("s3:ObjectCreated:*", "", "jpg"), rule("s3:ObjectCreated:Put", "", "pg"), True),
        (rule("s3:ObjectCreated:Put", "", ".jpg"), rule("s3:ObjectCreated:Put", "", ".png"), False),
        (rule("s3:ObjectCreated:*", "i", "jpg"), rule("s3:ObjectCreated:Put", "", "jpg"), True),
        (rule("s3:ObjectCreated:*", "i", ".jpg"), rule("s3:ObjectCreated:*", "i", ".png"), False),
        (rule("s3:ObjectCreated:Put", "i"), rule("s3:ObjectRemoved:*", "i"), False),
        (rule("s3:ObjectCreated:Put"), rule("s3:ObjectCreated:Copy"), False),
        (rule("s3:ObjectCreated:Put", "a"), rule("s3:ObjectCreated:Put", "", "b"), True),
    ],
)
def test_two_rules_overlap_if_one_event_could_go_to_both(
    one: NotificationRule, two: NotificationRule, *, refused: bool
) -> None:
    assert one.overlaps(two) == refused
    assert two.overlaps(one) == refused


def test_a_stack_asks_for_the_events_that_the_template_asks_for() -> None:
    bucket = read_template()["Resources"]["OriginalsBucket"]["Properties"]

    asked = bucket["NotificationConfiguration"]["QueueConfigurations"]

    assert tuple(sorted(one["Event"] for one in asked)) == EVENTS


def test_a_rule_has_one_suffix_and_longer_suffixes_need_none() -> None:
    adopter = Adopter("mill", QUEUE, "in/", (".jpg", ".tar.jpg", ".png", ".jpg"))

    assert [(one.id, one.prefix, one.suffix) for one in adopter.rules()] == [
        ("imagemill:mill:1", "in/", ".jpg"),
        ("imagemill:mill:2", "in/", ".png"),
    ]


def test_adopting_keeps_the_rules_of_others_and_adopting_again_changes_nothing() -> None:
    adopter = Adopter("mill", QUEUE, "in/")

    change = adoption(adopter, Notifications((THEIRS,)), switched_on=False)
    again = adoption(adopter, Notifications((THEIRS, *change.add)), switched_on=False)

    assert (change.keep, change.remove, change.eventbridge) == ((THEIRS,), (), None)
    assert [one.prefix for one in change.add] == ["in/"]
    assert again.is_empty


def test_a_stack_of_the_same_name_in_another_account_keeps_its_rule() -> None:
    theirs = NotificationRule(
        OURS.id, QUEUE.replace("123456789012", "210987654321"), EVENTS, "out/"
    )
    adopter = Adopter("mill", QUEUE, "in/")

    change = adoption(adopter, Notifications((theirs,)), switched_on=False)
    undone = release(adopter, Notifications((theirs,)), switched_on=False)

    assert (change.keep, change.remove) == ((theirs,), ())
    assert undone.is_empty


def test_the_rule_of_a_stack_that_was_deployed_again_is_replaced() -> None:
    adopter = Adopter("mill", QUEUE.replace("uploads", "uploads-2"))

    change = adoption(adopter, Notifications((OURS,)), switched_on=False)

    assert (change.add, change.remove) == (adopter.rules(), (OURS,))


def test_a_rule_of_a_former_filter_is_replaced() -> None:
    new = Adopter("mill", QUEUE, "in/")

    change = adoption(new, Notifications((OURS, THEIRS)), switched_on=False)

    assert (change.remove, change.add) == ((OURS,), new.rules())


def test_undoing_removes_the_rules_of_this_stack_only() -> None:
    others = NotificationRule("imagemill:mill-dev:1", QUEUE, EVENTS, "dev/")

    change = release(Adopter("mill", QUEUE), Notifications((OURS, others)), switched_on=False)

    assert change == NotificationChange(remove=(OURS,), keep=(others,))


def test_an_overlap_names_the_new_rule_and_the_one_there() -> None:
    change = adoption(Adopter("mill", QUEUE), Notifications((THEIRS,)), switched_on=False)

    assert conflicts(change) == [(OURS, THEIRS)]


@pytest.mark.parametrize(
    ("is_on", "switched_on", "change"),
    [(False, False, True), (True, False, None), (True, True, None), (False, True, True)],
)
def test_eventbridge_is_turned_on_if_it_is_off(
    *, is_on: bool, switched_on: bool, change: bool | None
) -> None:
    adopter = Adopter("mill", QUEUE, by_eventbridge=True)

    found = adoption(adopter, Notifications((OURS,), is_on), switched_on=switched_on)

    assert found == NotificationChange(remove=(OURS,), eventbridge=change)


@pytest.mark.parametrize(("switched_on", "change"), [(True, False), (False, None)])
def test_eventbridge_is_turned_off_only_if_this_stack_has_turned_it_on(
    *, switched_on: bool, change: bool | None
) -> None:
    adopter = Adopter("mill", QUEUE, by_eventbridge=True)

    found = release(adopter, Notifications((), has_eventbridge=True), switched_on=switched_on)

    assert found.eventbridge is change
