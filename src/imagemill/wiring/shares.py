"""The dependencies of share links in ApiImageUploadFunction."""

import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from imagemill.api.shares import ShareDeps
from imagemill.aws.errors import configured
from imagemill.aws.light.clients import DynamoDB, SecretsManager
from imagemill.aws.secret_pairs import KeptSecrets
from imagemill.aws.shares_table import SharesTable
from imagemill.domain.clock import SystemClock
from imagemill.domain.share import RANDOM_DIGITS
from imagemill.errors import NotFound

if TYPE_CHECKING:
    from imagemill.domain.stores import RecordReader

SECRET = "the secret of the share links"  # noqa: S105  # its name in errors


def share_deps(environ: Mapping[str, str], records: "RecordReader", prefix: str) -> ShareDeps:
    """Return the dependencies of share links; raises NotFound for a stack without them.

    `prefix` is that of the keys of all originals.
    """
    table, secret = environ.get("IMAGEMILL_SHARES_TABLE"), environ.get("IMAGEMILL_SHARE_SECRET")
    if not table or not secret:
        raise NotFound("this stack has no share links: deploy it with Shares=true")
    with configured():
        dynamodb, secrets_manager = DynamoDB(environ), SecretsManager(environ)
    return ShareDeps(
        shares=SharesTable(dynamodb, table),
        secrets=KeptSecrets(secrets_manager, secret, time.monotonic, SECRET),
        records=records,
        clock=SystemClock(),
        random=random_digits,
        prefix=prefix,
    )


def random_digits() -> str:
    """Return the random part of the id of a share."""
    return secrets.token_hex(RANDOM_DIGITS // 2)
