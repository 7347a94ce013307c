"""Sessions of boto3 for commands, and the errors of a missing profile or region."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError

from imagemill.dataclass import dataclass
from imagemill.errors import SetupFailed

if TYPE_CHECKING:
    import boto3


@dataclass(frozen=True, slots=True)
class Credentials:
    """Access to AWS; None takes a value from boto3's usual sources (profile, environment)."""

    profile: str | None = None
    region: str | None = None
    endpoint: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None


@contextmanager
def explained() -> Iterator[None]:
    """Raise SetupFailed for a profile or a region that is missing or wrong."""
    try:
        yield
    except (BotoCoreError, ValueError) as fault:
        raise SetupFailed(f"AWS cannot be used: {fault}") from fault


def session_of(credentials: Credentials) -> "boto3.Session":
    """Return a session of boto3 with these credentials."""
    # boto3 is slow to load, so it is loaded at its first use.
    import boto3  # noqa: PLC0415

    return boto3.Session(
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        profile_name=credentials.profile,
        region_name=credentials.region,
    )
