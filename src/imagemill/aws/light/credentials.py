"""The credentials of a function's role, from the environment variables that Lambda sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from imagemill.aws.light.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials to sign requests with; their text contains no secret."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Credentials":
        """Return the function's credentials; raises ConfigurationError without any."""
        try:
            return cls(
                key_id=environ["AWS_ACCESS_KEY_ID"],
                secret=environ["AWS_SECRET_ACCESS_KEY"],
                token=environ.get("AWS_SESSION_TOKEN", ""),
            )
        except KeyError as missing:
            raise ConfigurationError(f"expected {missing.args[0]} to be set") from missing
