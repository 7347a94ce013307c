"""The one place that turns errors of AWS's clients, botocore's and our own, into ours."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from imagemill.errors import (
    OriginalArchived,
    OriginalForbidden,
    OriginalUndecryptable,
    OriginalUnreadable,
    StoreUnavailable,
    Throttled,
)

THROTTLING = frozenset(
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


_UNREADABLE: dict[str, OriginalUnreadable] = {
    "InvalidObjectState": OriginalArchived(
        "the original lies in an archive storage class; restore it, then run imagemill backfill"
    ),
    **dict.fromkeys(
        ("AccessDenied", "AllAccessDisabled", "403"),
        OriginalForbidden(
            "S3 refuses the function access to the original; allow ResizeImageRole to read it, by "
            "bucket policy or KMS key policy, then run imagemill backfill"
        ),
    ),
    **dict.fromkeys(
        (
            "InvalidRequest",  # of a GET without a key for an object under SSE-C
            "KMS.DisabledException",
            "KMS.InvalidStateException",
            "KMS.KMSInvalidStateException",
            "KMS.NotFoundException",
        ),
        OriginalUndecryptable(
            "the original is encrypted with a key that S3 cannot use; store it under SSE-S3 or a "
            "KMS key that ResizeImageRole may use, then run imagemill backfill"
        ),
    ),
}
"""GetObject's error codes that are final. Source: Amazon S3 API reference, error responses."""


class Refused(Exception):
    """AWS answered a lean client's request with an error; has what botocore's ClientError has.

    `is_passing` tells of one that may not come again.
    """

    def __init__(self, operation: str, code: str, status: int, *, is_passing: bool = False) -> None:
        super().__init__(f"{code} ({status}) to {operation}")
        self.operation_name = operation
        self.response: dict[str, dict[str, Any]] = {
            "Error": {"Code": code},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
        self.is_passing = is_passing


class Unreachable(Exception):
    """AWS gave a lean client no answer, or half of one."""


def refusals() -> tuple[type[Exception], ...]:
    """Return what clients raise where AWS answers with an error.

    botocore's is among them where botocore is loaded; nobody raises it where it is not.
    """
    botocore = sys.modules.get("botocore.exceptions")
    return (Refused, botocore.ClientError) if botocore else (Refused,)


@contextmanager
def translated(store: str) -> Iterator[None]:
    """Raise Throttled or StoreUnavailable for whatever a client raises inside.

    The message names the store and the error code, and nothing a user should not see.
    """
    try:
        yield
    except refusals() as fault:
        code = error_code(fault)
        if code in THROTTLING:
            raise Throttled(f"{store} asked us to slow down ({code})") from fault
        operation = getattr(fault, "operation_name", "us")
        raise StoreUnavailable(f"{store} answered {code} to {operation}") from fault
    except _failures() as fault:
        reason = fault.args[0] if isinstance(fault, Unreachable) else type(fault).__name__
        raise StoreUnavailable(f"{store} could not be reached: {reason}") from fault


def unreadable(fault: Exception) -> Exception:
    """Return OriginalUnreadable for an answer to GetObject that is final, else the fault itself."""
    known = _UNREADABLE.get(error_code(fault))
    return type(known)(*known.args) if known else fault


def error_code(fault: Exception) -> str:
    """Return the service's code, such as NoSuchKey; for answers without a body, the status."""
    answer: dict[str, dict[str, Any]] = getattr(fault, "response", {})
    return str(answer.get("Error", {}).get("Code", "unknown"))


def _failures() -> tuple[type[Exception], ...]:
    botocore = sys.modules.get("botocore.exceptions")
    return (Unreachable, botocore.BotoCoreError) if botocore else (Unreachable,)
