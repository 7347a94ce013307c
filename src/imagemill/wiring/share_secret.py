"""The secrets that sign the share links of a stack, on AWS or on this machine."""

from imagemill.domain.secret_pair import SecretStore
from imagemill.wiring.session import Credentials, explained, session_of
from imagemill.wiring.stack_shares import Account, share_secret


def open_share_secret(stack: str, credentials: Credentials) -> SecretStore:
    """Return the secrets of a stack; raises SetupFailed for one without share links."""
    with explained():
        return share_secret(stack, Account(session_of(credentials), credentials.endpoint))
