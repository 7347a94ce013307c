"""The share links of a stack, for commands with AWS credentials."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from imagemill.api.shares import (
    NewShare,
    ShareDeps,
    ShareRequest,
    create_share,
    list_shares,
    revoke_share,
)
from imagemill.aws.errors import usable
from imagemill.aws.secret_pairs import KeptSecrets, StoredPair
from imagemill.aws.shares_table import SharesTable
from imagemill.aws.stack_outputs import stack_outputs
from imagemill.dataclass import dataclass
from imagemill.domain.caller import EVERYTHING, Caller
from imagemill.domain.clock import SystemClock
from imagemill.domain.secret_pair import SecretStore
from imagemill.domain.share import Share, address_of
from imagemill.errors import SetupFailed
from imagemill.wiring.session import Credentials, explained, session_of
from imagemill.wiring.shares import SECRET, random_digits

if TYPE_CHECKING:
    import boto3

    from imagemill.domain.stores import RecordReader

_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Account:
    """Access to AWS; `endpoint` is None except for the embedded AWS."""

    session: "boto3.Session"
    endpoint: str | None


@dataclass(frozen=True, slots=True)
class StackShares:
    """Implements `cli.cloud.ShareClient`; `gallery` is its URL, empty if there is none."""

    deps: ShareDeps
    caller: Caller
    gallery: str

    def create(self, request: ShareRequest) -> NewShare:
        """Make a link; raises NotFound or Gone."""
        made = create_share(request, self.deps, self.caller)
        url = address_of(self.gallery.rstrip("/"), made.token) if self.gallery else ""
        return replace(made, url=url)

    def all(self) -> Iterator[Share]:
        """Yield the valid links, newest first."""
        page = list_shares(_PAGE_SIZE, None, self.deps, self.caller)
        yield from page.shares
        while page.cursor:
            page = list_shares(_PAGE_SIZE, page.cursor, self.deps, self.caller)
            yield from page.shares

    def revoke(self, share_id: str) -> Share:
        """Revoke a link; raises NotFound."""
        return revoke_share(share_id, self.deps, self.caller)


def open_shares(
    stack: str, account: Account, records: "RecordReader", gallery: str = ""
) -> StackShares:
    """Return the share links of a stack; raises SetupFailed for one without them.

    `gallery` is the URL of the gallery if it is not the one in the outputs.
    """
    session, endpoint = account.session, account.endpoint
    dynamodb = session.client("dynamodb", endpoint_url=endpoint)
    secrets = session.client("secretsmanager", endpoint_url=endpoint)
    outputs = _outputs(stack, account)
    with usable("AWS STS"):
        identity = session.client("sts", endpoint_url=endpoint).get_caller_identity()
    deps = ShareDeps(
        shares=SharesTable(dynamodb, outputs["SharesTableName"]),
        secrets=KeptSecrets(secrets, outputs["ShareSecretArn"], time.monotonic, SECRET),
        records=records,
        clock=SystemClock(),
        random=random_digits,
        prefix=outputs.get("OriginalsPrefix", ""),
    )
    caller = Caller(f"iam:{identity['Arn']}", EVERYTHING)
    return StackShares(deps, caller, gallery or outputs.get("GalleryUrl", ""))


def open_share_secret(stack: str, credentials: Credentials) -> SecretStore:
    """Return the secrets that sign the share links of a stack; raises SetupFailed without them."""
    with explained():
        account = Account(session_of(credentials), credentials.endpoint)
        client = account.session.client("secretsmanager", endpoint_url=account.endpoint)
    return StoredPair(client, _outputs(stack, account)["ShareSecretArn"], SECRET)


def _outputs(stack: str, account: Account) -> dict[str, str]:
    client = account.session.client("cloudformation", endpoint_url=account.endpoint)
    outputs = stack_outputs(client, stack)
    if "SharesTableName" not in outputs:
        raise SetupFailed(f"the stack {stack!r} has no share links: deploy it with Shares=true")
    return outputs
