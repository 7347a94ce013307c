"""The keys of private images of a stack, on AWS or on this machine."""

from botocore.exceptions import BotoCoreError

from imagemill.aws.private_keys import SecretKeys
from imagemill.aws.stack_outputs import stack_parameters
from imagemill.dataclass import dataclass
from imagemill.errors import SetupFailed
from imagemill.private.keys import PrivateKeys, StoredKey, parameters_of, rotated, secret_name
from imagemill.private.rsa import new_key
from imagemill.wiring.stack import Credentials, explained, session_of


@dataclass(frozen=True, slots=True)
class StackKeys:
    """The keys of a stack, and the parameters with which it is deployed; none if it is not yet."""

    keys: PrivateKeys
    deployed: dict[str, str]

    def rotate(self) -> tuple[StoredKey, ...]:
        """Make a key, keep the one before, and return both; raises SetupFailed."""
        made = rotated(self.keys.read(), self.deployed, new_key)
        self.keys.write(made)
        return made


def open_private_keys(stack: str, credentials: Credentials) -> StackKeys:
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
    return StackKeys(SecretKeys(secrets, secret_name(stack)), deployed)


def parameters_for(stack: str, credentials: Credentials) -> dict[str, str]:
    """Return the parameters with the public keys of a stack, for which a first key is made."""
    opened = open_private_keys(stack, credentials)
    return parameters_of(opened.keys.read() or opened.rotate())
