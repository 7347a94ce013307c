"""The keys of private images of a stack, on AWS or on this machine."""

from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from botocore.exceptions import BotoCoreError

from imagemill.aws.private_keys import SecretKeys
from imagemill.aws.stack_outputs import stack_parameters
from imagemill.dataclass import dataclass
from imagemill.errors import SetupFailed
from imagemill.private.keys import (
    PrivateKeys,
    StoredKey,
    is_known,
    parameters_of,
    rotated,
    secret_name,
)
from imagemill.private.rsa import new_key
from imagemill.wiring.session import Credentials, explained, session_of

# Longest time for an answer of the distribution, s.
_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class StackPrivateKeys:
    """The keys of a stack, and the parameters with which it is deployed; none if it is not yet."""

    keys: PrivateKeys
    deployed: dict[str, str]

    def rotate(self) -> tuple[StoredKey, ...]:
        """Make a key, keep the one before, and return both; raises SetupFailed."""
        made = rotated(self.keys.read(), self.deployed, new_key)
        self.keys.write(made)
        return made


def open_private_keys(stack: str, credentials: Credentials) -> StackPrivateKeys:
    """Return the keys of a stack; the first are made before it is deployed with them."""
    with explained():
        session = session_of(credentials)
        secrets = session.client("secretsmanager", endpoint_url=credentials.endpoint)
        cloudformation = session.client("cloudformation", endpoint_url=credentials.endpoint)
    try:
        deployed = stack_parameters(cloudformation, stack)
    except SetupFailed as fault:
        # Without credentials or a network, the stack is not known to be missing.
        if isinstance(fault.__cause__, BotoCoreError):
            raise
        deployed = {}
    return StackPrivateKeys(SecretKeys(secrets, secret_name(stack)), deployed)


@dataclass(frozen=True, slots=True)
class PrivateSite:
    """Implements `operations.doctor_stack.PrivateImages`; `url` is that of the gallery."""

    keys: StackPrivateKeys
    url: str

    def has_newest_key(self) -> bool:
        """Return whether the newest key of the secret is one of the deployed stack."""
        found = self.keys.keys.read()
        return bool(found) and is_known(found[0], self.keys.deployed)

    def status_unsigned(self, key: str) -> int:
        """Return the status of a request for a rendition at the distribution, unsigned."""
        request = Request(self.url + quote(key), method="HEAD")  # noqa: S310  # an output of the stack
        try:
            with urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310  # as above
                return int(answer.status)
        except HTTPError as refusal:
            return refusal.code
        except OSError as fault:
            raise SetupFailed(f"{self.url} did not answer: {fault}") from fault


def open_private_site(stack: str, profile: str | None, region: str | None, url: str) -> PrivateSite:
    """Return the private images of a stack on AWS; `url` is that of its gallery."""
    return PrivateSite(open_private_keys(stack, Credentials(profile, region)), url)


def parameters_for(stack: str, credentials: Credentials) -> dict[str, str]:
    """Return the parameters with the public keys of a stack, for which a first key is made."""
    opened = open_private_keys(stack, credentials)
    return parameters_of(opened.keys.read() or opened.rotate())
