"""A stack is deployed by a change set, and its events are followed to the end."""

import pytest
from fakes.stacks import FakeStacks
from fakes.stores import StoppedClock

from imagemill.domain.stack_change import ChangeSet, StackEvent, StackState
from imagemill.errors import SetupFailed
from imagemill.operations.deploy_stack import (
    DeployDeps,
    architecture_of,
    carry_out,
    changeable,
    kept_parameters,
)

CHANGE = ChangeSet("arn:change", "arn:stack", creates=False, changes=())
DECLARED = {"Architecture": {"Default": "arm64"}, "Recipe": {"Default": "500"}}
MADE = StackEvent("1", "Queue", "UPDATE_COMPLETE", "")
CANCELLED = StackEvent("2", "Table", "UPDATE_FAILED", "Resource update cancelled")
FAILED = StackEvent("3", "Role", "UPDATE_FAILED", "no such policy")


def run(*looks: tuple[str, list[StackEvent]]) -> tuple[FakeStacks, list[StackEvent]]:
    stacks = FakeStacks(list(looks))
    clock = StoppedClock()
    return stacks, list(carry_out(CHANGE, DeployDeps(stacks, clock, lambda _: None)))


def test_each_new_event_is_reported_once_until_the_stack_is_done() -> None:
    stacks, events = run(
        ("UPDATE_IN_PROGRESS", [MADE]),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", []),
        ("UPDATE_COMPLETE", []),
    )

    assert stacks.executed == [CHANGE]
    assert events == [MADE]


@pytest.mark.parametrize("end", ["UPDATE_ROLLBACK_COMPLETE", "DELETE_COMPLETE", ""])
def test_a_failure_names_the_resource_that_failed_by_itself(end: str) -> None:
    with pytest.raises(SetupFailed, match=r"rolled back: Role: no such policy$"):
        run(("UPDATE_IN_PROGRESS", [CANCELLED, FAILED]), (end, []))


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"])
def test_a_busy_stack_is_not_changed(status: str) -> None:
    with pytest.raises(SetupFailed, match="busy"):
        changeable("mill", FakeStacks([(status, [])]))


def test_a_stack_that_was_never_installed_has_to_be_deleted_first() -> None:
    with pytest.raises(SetupFailed, match="delete-stack --stack-name mill"):
        changeable("mill", FakeStacks([("ROLLBACK_COMPLETE", [])]))


def test_a_stack_without_an_executed_change_is_new() -> None:
    before = changeable("mill", FakeStacks([("REVIEW_IN_PROGRESS", [])]))

    assert before is not None
    assert before.is_new


@pytest.mark.parametrize(
    ("given", "before", "expected"),
    [
        (
            {"Architecture": "arm64"},
            StackState("CREATE_COMPLETE", {"Architecture": "x86_64"}),
            "arm64",
        ),
        ({}, StackState("CREATE_COMPLETE", {"Architecture": "x86_64"}), "x86_64"),
        ({}, StackState("REVIEW_IN_PROGRESS", {"Architecture": "x86_64"}), "arm64"),
        ({}, None, "arm64"),
    ],
)
def test_functions_are_built_for_the_architecture_that_the_stack_will_have(
    given: dict[str, str], before: StackState | None, expected: str
) -> None:
    assert architecture_of(DECLARED, given, before) == expected


def test_a_stack_keeps_the_parameters_that_the_template_still_has() -> None:
    parameters = {"Recipe": "800", "Former": "1"}

    assert kept_parameters(StackState("UPDATE_COMPLETE", parameters), DECLARED) == {"Recipe": "800"}
    assert kept_parameters(StackState("REVIEW_IN_PROGRESS", parameters), DECLARED) == {}
    assert kept_parameters(None, DECLARED) == {}
