"""Deploy a stack by a change set: propose it, show it, make it, and wait for the end."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.domain.clock import Clock
from imagemill.domain.stack_change import ChangeSet, StackEvent, StackRequest, StackState
from imagemill.domain.stack_import import Import
from imagemill.errors import SetupFailed, UsageInvalid

# Pauses between two looks at the stack, s: an update takes minutes on AWS, a second on a laptop.
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 3.0
_GROWTH = 1.5
# Longest time of a deployment, s. A distribution of CloudFront takes up to half an hour.
_TIMEOUT_S = 5400
_STACK_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,127}")
_CLOUDFRONT = "AWS::CloudFront::"


class CloudFrontFailed(SetupFailed):
    """A first install was rolled back because CloudFront refused one of its resources."""


class Stacks(Protocol):
    """CloudFormation."""

    def state(self, stack: str) -> StackState | None:
        """Return the state of a stack, by name or id; None if there is none."""

    def propose(self, request: StackRequest, before: StackState | None) -> ChangeSet | None:
        """Make a change set; None if the stack is already as it should be."""

    def import_kept(self, stack: str, planned: Import) -> None:
        """Make a stack of existing resources, and wait for it."""

    def discard(self, change: ChangeSet) -> None:
        """Delete a change set that is not executed, and the empty stack that it made."""

    def execute(self, change: ChangeSet) -> None:
        """Begin to make the change."""

    def events(self, stack_id: str) -> Sequence[StackEvent]:
        """Return the events of a stack, the oldest first."""

    def outputs(self, stack_id: str) -> dict[str, str]:
        """Return the outputs of a stack by name."""


@dataclass(frozen=True, slots=True)
class DeployDeps:
    """CloudFormation, the clock, and the function that sleeps, s."""

    stacks: Stacks
    clock: Clock
    pause: Callable[[float], None]


def check_name(stack: str) -> None:
    """Raise UsageInvalid for a name that CloudFormation refuses, which it tells after the build."""
    if not _STACK_NAME.fullmatch(stack):
        raise UsageInvalid(
            "expected a name of the stack that begins with a letter and has letters, digits and -, "
            f"got {stack!r}"
        )


def kept_parameters(before: StackState | None, declared: Collection[str]) -> dict[str, str]:
    """Return the parameters of a stack that a new template still has; none of a new stack."""
    present = before.parameters if before and not before.is_new else {}
    return {name: value for name, value in present.items() if name in declared}


def architecture_of(
    declared: Mapping[str, Mapping[str, str]], given: Mapping[str, str], before: StackState | None
) -> str:
    """Return the architecture that the stack will have: given, kept or the default."""
    kept = kept_parameters(before, declared)
    default = declared["Architecture"]["Default"]
    return given.get("Architecture") or kept.get("Architecture") or default


def changeable(stack: str, stacks: Stacks) -> StackState | None:
    """Return the state of a stack, None for a new one.

    Raises SetupFailed if it cannot be changed now, with the remedy.
    """
    before = stacks.state(stack)
    if before and not before.is_new:
        _check_changeable(stack, before)
    return before


def _check_changeable(stack: str, state: StackState) -> None:
    if not state.is_final:
        raise SetupFailed(f"the stack {stack!r} is busy ({state.status}): try again later")
    if state.status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}:
        raise SetupFailed(
            f"the stack {stack!r} was never installed ({state.status}): delete it with "
            f"`aws cloudformation delete-stack --stack-name {stack}` and try again"
        )


def carry_out(change: ChangeSet, deps: DeployDeps) -> Iterator[StackEvent]:
    """Make the change, and yield its events until it is made.

    Raises SetupFailed with the first resource that failed, after everything was rolled back:
    CloudFrontFailed for one of CloudFront that a first install needs.
    """
    seen = {event.id for event in deps.stacks.events(change.stack_id)}
    news: list[StackEvent] = []
    deps.stacks.execute(change)
    deadline_ms = deps.clock.monotonic_ms() + _TIMEOUT_S * 1000
    pause_s = _FIRST_PAUSE_S
    while deps.clock.monotonic_ms() < deadline_ms:
        state = deps.stacks.state(change.stack_id)
        for event in deps.stacks.events(change.stack_id):
            if event.id not in seen:
                seen.add(event.id)
                news.append(event)
                yield event
        if state is None or state.is_final:
            return _check_end(state, news, creates=change.creates)
        deps.pause(pause_s)
        pause_s = min(pause_s * _GROWTH, _LONGEST_PAUSE_S)
    raise SetupFailed(f"the stack was not deployed within {_TIMEOUT_S // 60} minutes")


def _check_end(state: StackState | None, events: Sequence[StackEvent], *, creates: bool) -> None:
    if state and state.is_done:
        return
    failed = [event for event in events if event.has_failed]
    reason = f"{failed[0].logical_id}: {failed[0].reason}" if failed else "no resource says why"
    is_cloudfront = creates and bool(failed) and failed[0].kind.startswith(_CLOUDFRONT)
    kind = CloudFrontFailed if is_cloudfront else SetupFailed
    raise kind(f"the stack could not be deployed and was rolled back: {reason}")


def install_without_gallery(request: StackRequest, deps: DeployDeps) -> Iterator[StackEvent]:
    """Install a stack without the gallery, the only part that needs CloudFront; yield its events.

    Raises SetupFailed as `carry_out` does.
    """
    _wait_until_gone(request.stack, deps)
    parameters = {**request.parameters, "Gallery": "false"}
    change = deps.stacks.propose(replace(request, parameters=parameters), None)
    if change is None:
        raise SetupFailed(f"the stack {request.stack!r} has no resources")
    yield from carry_out(change, deps)


def _wait_until_gone(stack: str, deps: DeployDeps) -> None:
    """Wait until a failed stack is deleted, so that its name can be used again."""
    deadline_ms = deps.clock.monotonic_ms() + _TIMEOUT_S * 1000
    while deps.stacks.state(stack) is not None:
        if deps.clock.monotonic_ms() >= deadline_ms:
            raise SetupFailed(f"the stack {stack!r} was not deleted within {_TIMEOUT_S // 60} min")
        deps.pause(_LONGEST_PAUSE_S)
