"""The one place that turns errors of AWS's clients, botocore's and our own, into ours."""

import sys
from collections.abc import Iterator, Mapping
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
        "429",
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
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

_RAISED_BY_OTHERS = (
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.parsers", "ResponseParserError"),
    ("urllib3.exceptions", "HTTPError"),
    ("http.client", "HTTPException"),
)
"""What boto3's clients raise besides ClientError, by the modules that define it."""


class ResponseInvalid(OSError):
    """The answer ended early, is longer than announced, or is not as HTTP or AWS documents it.

    The message bears no content of the answer.
    """


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


class RequestRefused(Exception):
    """AWS answered a lean client's request with an error; has what botocore's ClientError has.

    `is_passing` tells of one that may not come again. `follows_unknown` is true if an earlier try
    of the same request ended without an answer: it may have been applied, and a condition that
    does not hold may have been made untrue by it.
    """

    def __init__(self, operation: str, code: str, status: int, *, is_passing: bool = False) -> None:
        super().__init__(f"{code} ({status}) to {operation}")
        self.operation_name = operation
        self.status = status
        self.response: dict[str, dict[str, Any]] = {
            "Error": {"Code": code},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
        self.is_passing = is_passing
        self.follows_unknown = False


class Unreachable(Exception):
    """AWS gave a lean client no answer, part of one, or one that is not as documented."""

    @classmethod
    def by(cls, fault: OSError) -> "Unreachable":
        """Tell of a fault by its kind; only of a broken answer by its message, which is ours."""
        return cls(str(fault) if isinstance(fault, ResponseInvalid) else type(fault).__name__)


def refusals() -> tuple[type[Exception], ...]:
    """Return what clients raise where AWS answers with an error.

    botocore's is among them where botocore is loaded; nobody raises it where it is not.
    """
    botocore = sys.modules.get("botocore.exceptions")
    return (RequestRefused, botocore.ClientError) if botocore else (RequestRefused,)


@contextmanager
def translated(store: str) -> Iterator[None]:
    """Raise Throttled or StoreUnavailable for each error that a client raises inside.

    Besides the clients' own errors these are those of sockets, TLS, HTTP and of parsing an answer
    (ValueError: JSON, dates, numbers), which botocore lets through. The message names the store and
    the error code, and nothing a user should not see.
    """
    try:
        yield
    except refusals() as fault:
        code = error_code(fault)
        if code in THROTTLING:
            raise Throttled(f"{store} asked us to slow down ({code})") from fault
        operation = getattr(fault, "operation_name", "us")
        raise StoreUnavailable(f"{store} answered {code} to {operation}") from fault
    except ResponseInvalid as fault:
        raise StoreUnavailable(f"{store} gave no valid answer: {fault}") from fault
    except _failures() as fault:
        reason = fault.args[0] if isinstance(fault, Unreachable) else type(fault).__name__
        raise StoreUnavailable(f"{store} could not be reached: {reason}") from fault


def unreadable(fault: Exception) -> Exception:
    """Return OriginalUnreadable for an answer to GetObject that is final, else the fault itself."""
    known = _UNREADABLE.get(error_code(fault))
    return type(known)(*known.args) if known else fault


def required(answer: Mapping[str, Any], name: str, store: str) -> Any:  # noqa: ANN401  # a part of it
    """Return a part of an answer that AWS always gives; raises StoreUnavailable without it."""
    if name not in answer:
        raise StoreUnavailable(f"{store} answered without {name}")
    return answer[name]


def error_code(fault: Exception) -> str:
    """Return the service's code, such as NoSuchKey; for answers without a body, the status."""
    answer: dict[str, dict[str, Any]] = getattr(fault, "response", {})
    return str(answer.get("Error", {}).get("Code", "unknown"))


def follows_unknown(fault: Exception) -> bool:
    """Return whether an earlier try of the request may have been applied without an answer.

    botocore only tells that there were earlier tries.
    """
    answer: dict[str, dict[str, Any]] = getattr(fault, "response", {})
    retries = answer.get("ResponseMetadata", {}).get("RetryAttempts", 0)
    return bool(retries) or getattr(fault, "follows_unknown", False)


def _failures() -> tuple[type[Exception], ...]:
    loaded = ((sys.modules.get(module), name) for module, name in _RAISED_BY_OTHERS)
    others = (getattr(module, name) for module, name in loaded if module)
    return (Unreachable, OSError, ValueError, *others)
