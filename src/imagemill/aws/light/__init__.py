"""Light clients of five AWS services for Lambda functions, as README.md says.

The public names are loaded on first use: code that catches ServiceError next to boto3 does not pay
for loading the clients.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagemill.aws.light.checks import CheckedBody
    from imagemill.aws.light.clients import S3, SQS, DynamoDB, Events, SecretsManager
    from imagemill.aws.light.errors import (
        THROTTLING_CODES,
        ConfigurationError,
        InvalidResponse,
        LightClientError,
        NoValidResponse,
        ServiceError,
    )
    from imagemill.aws.light.presign import PostForm, S3Presigner
    from imagemill.aws.light.wire import Timeouts, tls_context

__version__ = "1.5.0"
__all__ = [
    "S3",
    "SQS",
    "THROTTLING_CODES",
    "CheckedBody",
    "ConfigurationError",
    "DynamoDB",
    "Events",
    "InvalidResponse",
    "LightClientError",
    "NoValidResponse",
    "PostForm",
    "S3Presigner",
    "SecretsManager",
    "ServiceError",
    "Timeouts",
    "tls_context",
]

# The module that defines each public name; errors defines the rest.
_MODULES = {
    "CheckedBody": "checks",
    "DynamoDB": "clients",
    "Events": "clients",
    "PostForm": "presign",
    "S3": "clients",
    "SQS": "clients",
    "S3Presigner": "presign",
    "SecretsManager": "clients",
    "Timeouts": "wire",
    "tls_context": "wire",
}


def __getattr__(name: str) -> object:
    """Load a public name (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'errors')}"), name)
