"""The one place that translates errors of AWS clients, botocore's and the light ones, into ours."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from imagemill.aws.light.errors import (
    THROTTLING_CODES,
    ConfigurationError,
    InvalidResponse,
    NoValidResponse,
    ServiceError,
)
from imagemill.dataclass import dataclass
from imagemill.errors import (
    ConfigurationInvalid,
    OriginalArchived,
    OriginalForbidden,
    OriginalUndecryptable,
    OriginalUnreadable,
    SetupFailed,
    StoreUnavailable,
    Throttled,
)

T = TypeVar("T")

# Error codes of a failed condition: another writer was first. A result, not an error.
CONFLICTS = frozenset(
    {"PreconditionFailed", "ConditionalRequestConflict", "ConditionalCheckFailedException"}
)
# Error codes for an object or a version that does not exist; a delete marker responds with 405.
MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "NotFound", "404", "405"})

# Errors of boto3's clients besides ClientError, with the modules that define them.
_BOTO3_ERRORS = (
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.parsers", "ResponseParserError"),
    ("urllib3.exceptions", "HTTPError"),
    ("http.client", "HTTPException"),
)


@dataclass(frozen=True, slots=True)
class Reader:
    """A function that reads originals: its role in the template, and how to make it try again."""

    role: str
    retry: str


RESIZE_IMAGE = Reader("ResizeImageRole", "run imagemill backfill")
TRANSFORM = Reader("TransformRole", "request it again")
_Final = tuple[type[OriginalUnreadable], str]
_ARCHIVED: _Final = (
    OriginalArchived,
    (
        "the original lies in an archive storage class; restore it: S3 announces the end of the "
        "restore, and the image is processed then, or {retry}"
    ),
)
_FORBIDDEN: _Final = (
    OriginalForbidden,
    (
        "S3 refuses the function access to the original; "
        "allow {role} to read it, by bucket policy or KMS key policy, then {retry}"
    ),
)
_UNDECRYPTABLE: _Final = (
    OriginalUndecryptable,
    (
        "the original is encrypted with a key that S3 cannot use; "
        "store it under SSE-S3 or a KMS key that {role} may use, then {retry}"
    ),
)
# GetObject's error codes that a retry cannot change; InvalidRequest is the answer to a request
# without a key for an object under SSE-C. Source: Amazon S3 API reference, "Error responses".
_UNREADABLE: dict[str, _Final] = {
    "InvalidObjectState": _ARCHIVED,
    "AccessDenied": _FORBIDDEN,
    "AllAccessDisabled": _FORBIDDEN,
    "403": _FORBIDDEN,
    "KMS.AccessDeniedException": _FORBIDDEN,
    "InvalidRequest": _UNDECRYPTABLE,
}
# S3 passes on the errors of KMS with this prefix.
_KMS = "KMS."
# Those that may not occur again. Source: "Decrypt" and "Common errors", AWS KMS API reference.
_TEMPORARY_KMS = frozenset(
    {
        "KMS.DependencyTimeoutException",
        "KMS.InternalFailure",
        "KMS.KMSInternalException",
        "KMS.KeyUnavailableException",
        "KMS.LimitExceededException",
        "KMS.RequestExpired",
        "KMS.ServiceUnavailable",
        "KMS.ThrottlingException",
    }
)
# HeadObject's error codes for an object that a policy denies; they are statuses, because the answer
# has no body.
DENIED = frozenset({"403", "AccessDenied", "Forbidden"})
# Those for an object that may exist but whose state S3 does not tell: because of a policy, or
# because the key of SSE-C was not sent.
UNTOLD = DENIED | {"400", "BadRequest"}


def error_responses() -> tuple[type[Exception], ...]:
    """Return the errors that clients raise for an error response of AWS.

    botocore's is included only if botocore is loaded; the resize function does not load it.
    """
    botocore = sys.modules.get("botocore.exceptions")
    return (ServiceError, botocore.ClientError) if botocore else (ServiceError,)


@contextmanager
def translated(store: str) -> Iterator[None]:
    """Raise Throttled or StoreUnavailable for each error of a client in the block.

    These are the clients' own errors, and those of sockets, TLS, HTTP and of parsing a response
    (ValueError: JSON, dates, numbers), which botocore does not translate. The message names the
    store and the error code, and contains nothing that users should not see.
    """
    try:
        yield
    except error_responses() as fault:
        code = error_code(fault)
        if code in THROTTLING_CODES:
            raise Throttled(f"{store} limited the request rate ({code})") from fault
        operation = getattr(fault, "operation_name", "us")
        raise StoreUnavailable(f"{store} answered {code} to {operation}") from fault
    except InvalidResponse as fault:
        raise StoreUnavailable(f"{store} gave no valid answer: {fault}") from fault
    except _failures() as fault:
        reason = fault.args[0] if isinstance(fault, NoValidResponse) else type(fault).__name__
        raise StoreUnavailable(f"{store} could not be reached: {reason}") from fault


@contextmanager
def usable(service: str) -> Iterator[None]:
    """Raise SetupFailed for each error of botocore in the block: for commands, not for functions.

    A profile, a region or a right is missing, and the message of botocore names it.
    """
    # No function has it.
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except (ClientError, BotoCoreError) as fault:
        raise SetupFailed(f"{service} cannot be used: {fault}") from fault


@contextmanager
def configured() -> Iterator[None]:
    """Raise ConfigurationInvalid for an environment that a light client cannot be made from."""
    try:
        yield
    except ConfigurationError as fault:
        raise ConfigurationInvalid(str(fault)) from fault


def unreadable(fault: Exception, reader: Reader) -> Exception:
    """Return OriginalUnreadable for an error of GetObject that is final, else the error itself."""
    code = error_code(fault)
    known = _UNREADABLE.get(code)
    if known is None and code.startswith(_KMS) and code not in _TEMPORARY_KMS:
        known = _UNDECRYPTABLE
    if known is None:
        return fault
    kind, text = known
    return kind(text.format(role=reader.role, retry=reader.retry))


def required(found: T | None, name: str, store: str) -> T:
    """Return a part that AWS always sends; raises StoreUnavailable if it is missing."""
    if found is None:
        raise StoreUnavailable(f"{store} answered without {name}")
    return found


def error_code(fault: Exception) -> str:
    """Return the service's code, such as NoSuchKey; the status for a response without a body."""
    response = getattr(fault, "response", {})
    error = response.get("Error", {}) if isinstance(response, Mapping) else {}
    return str(error.get("Code", "unknown"))


def _failures() -> tuple[type[Exception], ...]:
    loaded = ((sys.modules.get(module), name) for module, name in _BOTO3_ERRORS)
    others = (getattr(module, name) for module, name in loaded if module)
    return (NoValidResponse, OSError, ValueError, *others)
