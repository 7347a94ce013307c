"""The one place that turns botocore's errors into ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from imagemill.errors import StoreUnavailable, Throttled

_THROTTLING = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
CONFLICTS = frozenset(
    {"PreconditionFailed", "ConditionalRequestConflict", "ConditionalCheckFailedException"}
)
"""Another writer was there first; an answer to a condition we set, not a fault."""
MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "NotFound", "404", "405"})
"""The object, or this version of it, is not there; 405 is what a delete marker answers."""


@contextmanager
def translated(store: str) -> Iterator[None]:
    """Raise Throttled or StoreUnavailable for whatever botocore raises inside.

    The message names the store and the error code, and nothing a user should not see.
    """
    try:
        yield
    except ClientError as fault:
        code = error_code(fault)
        if code in _THROTTLING:
            raise Throttled(f"{store} asked us to slow down ({code})") from fault
        raise StoreUnavailable(f"{store} answered {code} to {fault.operation_name}") from fault
    except BotoCoreError as fault:
        raise StoreUnavailable(f"{store} could not be reached: {type(fault).__name__}") from fault


def error_code(fault: ClientError) -> str:
    """Return the service's code, such as NoSuchKey; for answers without a body, the status."""
    return fault.response.get("Error", {}).get("Code", "unknown")
