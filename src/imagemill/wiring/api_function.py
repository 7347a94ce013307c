"""What ApiImageUploadFunction works with: settings from the environment → clients → workflows."""

import os
import secrets
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from imagemill.api.delete import DeleteDeps
from imagemill.api.upload import UploadDeps
from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.feed_index import Feed
from imagemill.aws.records_table import RecordsTable
from imagemill.aws.trimmed_models import lean_session
from imagemill.config import ApiSettings
from imagemill.domain.clock import SystemClock
from imagemill.imaging.sniff import sniff
from imagemill.wiring.botocore_config import CLIENT_CONFIG
from imagemill.wiring.presign import UrlSigner, url_signer

if TYPE_CHECKING:
    from botocore.session import Session

_LEAN_CONFIG = CLIENT_CONFIG.merge(Config(user_agent="imagemill", parameter_validation=False))
"""The same for a function, which makes thousands of calls with parameters of our own making.

botocore would work out anew for each what it is called and whether its parameters are right, which
takes about as long as signing it.
"""


@dataclass(frozen=True, slots=True)
class ApiDeps:
    """What ApiImageUploadFunction works with."""

    records: RecordsTable
    feed: Feed
    reception: UploadDeps
    exit: DeleteDeps
    links: UrlSigner
    cors_origin: str

    def new_token(self) -> str:
        """Return a text that no other upload has (128 bits, URL-safe)."""
        return secrets.token_urlsafe(16)


@cache
def api_deps() -> ApiDeps:
    """Return what ApiImageUploadFunction works with; built from the environment on first call."""
    settings = ApiSettings.read(os.environ)
    places, clock = settings.places, SystemClock()
    s3 = _lean_client("s3")
    dynamodb = _lean_client("dynamodb")
    records = RecordsTable(dynamodb, places.table)
    originals = OriginalsBucket(s3, places.originals_bucket)
    return ApiDeps(
        records=records,
        feed=Feed(dynamodb, places.table),
        reception=UploadDeps(records, originals, clock, settings.max_bytes, sniff),
        exit=DeleteDeps(records, originals, clock),
        links=url_signer(s3, places),
        cors_origin=settings.cors_origin,
    )


@cache
def api_session() -> "Session":
    """Return the session that all clients of ApiImageUploadFunction come from."""
    return lean_session()


def _lean_client(service: str) -> Any:  # noqa: ANN401  # the client of whatever service is asked for
    """Return one of the function's clients, which are quicker to make than boto3's."""
    return api_session().create_client(service, config=_LEAN_CONFIG)
