"""Errors of the light clients.

LightClientError
├── ConfigurationError   the environment has no region, no credentials, or a wrong address
├── ServiceError         AWS responded with an error code
└── NoValidResponse      no response, part of one, or one that AWS does not document

InvalidResponse is an OSError, like the errors of sockets and TLS that it is handled with. A client
raises NoValidResponse from it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagemill.aws.light.error_response import ErrorResponse


class LightClientError(Exception):
    """Root of the errors that clients raise."""


class ConfigurationError(LightClientError):
    """A client cannot be made from this environment; the message names the variable."""


class ServiceError(LightClientError):
    """AWS responded with an error; it has the attributes of botocore's ClientError.

    `is_retryable` is true for an error that may not occur again. `may_have_been_applied` is true if
    an earlier attempt of the same request ended without a response: AWS may have applied it, and
    it may be the reason why a condition of this attempt failed.
    """

    def __init__(
        self, operation: str, code: str, status: int, *, is_retryable: bool = False
    ) -> None:
        super().__init__(f"{code} ({status}) to {operation}")
        self.operation_name = operation
        self.code = code
        self.status = status
        self.response: ErrorResponse = {
            "Error": {"Code": code},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
        self.is_retryable = is_retryable
        self.may_have_been_applied = False


class NoValidResponse(LightClientError):
    """AWS sent no response, part of one, or one that is not as documented."""

    @classmethod
    def from_error(cls, error: OSError) -> "NoValidResponse":
        """Describe an error by its type; an InvalidResponse by its message, which is safe."""
        return cls(str(error) if isinstance(error, InvalidResponse) else type(error).__name__)


class InvalidResponse(OSError):
    """The response is too short, too long, or not as HTTP or AWS documents it.

    The message contains no content of the response.
    """


# Error codes with which AWS services limit the request rate; "429" is a status without a code.
# Source: `ThrottledRetryableChecker` in botocore's `retries/standard.py`.
THROTTLING_CODES = frozenset(
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
