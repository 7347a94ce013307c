"""The second argument of a Lambda handler."""

from typing import Protocol


class LambdaContext(Protocol):
    """The part of Lambda's context object that the functions read."""

    @property
    def aws_request_id(self) -> str:
        """The id of the invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the time until Lambda ends the invocation, ms."""
