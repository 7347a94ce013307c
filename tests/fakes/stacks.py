"""A stack of CloudFormation in memory, whose looks follow a script."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from imagemill.domain.stack_change import ChangeSet, StackEvent, StackRequest, StackState
from imagemill.domain.stack_import import Import

OLD = StackEvent("0", "Queue", "CREATE_COMPLETE", "")


@dataclass
class FakeStacks:
    """A stack with a status and new events for each look at it."""

    looks: list[tuple[str, list[StackEvent]]]
    happened: list[StackEvent] = field(default_factory=lambda: [OLD])
    executed: list[ChangeSet] = field(default_factory=list)
    asked: list[StackRequest] = field(default_factory=list)
    imported: list[Import] = field(default_factory=list)

    def state(self, stack: str) -> StackState | None:  # noqa: ARG002  # there is one stack
        status, events = self.looks.pop(0)
        self.happened += events
        return StackState(status, {"Architecture": "x86_64"}) if status else None

    def propose(self, request: StackRequest, before: StackState | None) -> ChangeSet | None:
        self.asked.append(request)
        return ChangeSet("arn:asked", "arn:stack", creates=before is None, changes=())

    def import_kept(self, stack: str, planned: Import) -> None:
        assert stack == "mill"
        self.imported.append(planned)

    def discard(self, change: ChangeSet) -> None:
        raise NotImplementedError

    def execute(self, change: ChangeSet) -> None:
        self.executed.append(change)

    def events(self, stack_id: str) -> Sequence[StackEvent]:  # noqa: ARG002  # there is one stack
        return list(self.happened)

    def outputs(self, stack_id: str) -> dict[str, str]:
        raise NotImplementedError
