"""The settings of WebhookFunction, read from the environment."""

from collections.abc import Mapping
from typing import Self

from imagemill.dataclass import dataclass
from imagemill.errors import ConfigurationInvalid

_URL = "IMAGEMILL_WEBHOOK_URL"
_SECRET = "IMAGEMILL_WEBHOOK_SECRET"  # noqa: S105  # the name of a variable
_QUEUE = "IMAGEMILL_WEBHOOK_QUEUE_URL"
_REQUIRE_TLS = "IMAGEMILL_REQUIRE_TLS"


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """The receiver, the ARN of the secret to sign with, and the queue of the events.

    Without `require_tls`, on a laptop, the receiver may be on this machine and speak plain HTTP.
    """

    url: str
    secret: str
    queue_url: str
    require_tls: bool

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment; raises ConfigurationInvalid with all errors."""
        missing = [name for name in (_URL, _SECRET, _QUEUE) if not environ.get(name)]
        if missing:
            raise ConfigurationInvalid(f"expected {', '.join(missing)} to be set")
        return cls(
            url=environ[_URL],
            secret=environ[_SECRET],
            queue_url=environ[_QUEUE],
            require_tls=environ.get(_REQUIRE_TLS) != "false",
        )
