"""A change of a CloudFormation stack: its request, its effects and its end."""

from collections.abc import Mapping, Sequence

from imagemill.dataclass import dataclass

# Statuses after which a change was made.
_DONE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
# A stack that exists only as the place of a change set, which nobody has executed.
_IN_REVIEW = "REVIEW_IN_PROGRESS"


@dataclass(frozen=True, slots=True)
class StackState:
    """The status of a stack, and its parameters by name."""

    status: str
    parameters: Mapping[str, str]

    @property
    def is_new(self) -> bool:
        """Whether a change creates the stack."""
        return self.status == _IN_REVIEW

    @property
    def is_final(self) -> bool:
        """Whether nothing is under way."""
        return not self.status.endswith("_IN_PROGRESS")

    @property
    def is_done(self) -> bool:
        """Whether the last change was made."""
        return self.status in _DONE


@dataclass(frozen=True, slots=True)
class StackRequest:
    """A stack as it should be."""

    stack: str
    template_url: str
    parameters: Mapping[str, str]
    """Values by name; every other parameter keeps its value or has its default."""
    declared: frozenset[str]
    """The names of the parameters of the template."""
    tags: Mapping[str, str]
    role_arn: str = ""
    """The role that CloudFormation assumes; empty for that of the caller."""


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """The change of one resource: Add, Modify, Remove, Import or Dynamic."""

    action: str
    logical_id: str
    kind: str
    replacement: str
    """Whether a new resource takes its place: True, False or Conditional."""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A proposed change; it is made when it is executed."""

    arn: str
    stack_id: str
    creates: bool
    changes: Sequence[ResourceChange]


@dataclass(frozen=True, slots=True)
class StackEvent:
    """A change of a resource's status."""

    id: str
    logical_id: str
    status: str
    reason: str
    kind: str = ""
    """The type of the resource, such as AWS::SQS::Queue."""

    @property
    def has_failed(self) -> bool:
        """Whether the resource failed by itself; others are cancelled because of it."""
        return self.status.endswith("_FAILED") and "cancelled" not in self.reason
