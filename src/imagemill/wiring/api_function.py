"""The dependencies of ApiImageUploadFunction: settings from the environment → clients → stores."""

import os
import secrets
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

from botocore.config import Config

from imagemill.api.delete import DeleteDeps
from imagemill.api.upload import UploadDeps
from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.feed_index import Feed
from imagemill.aws.records_table import RecordStore
from imagemill.aws.trimmed_models import trimmed_session
from imagemill.config import ApiSettings
from imagemill.domain.clock import SystemClock
from imagemill.imaging.sniff import sniff
from imagemill.wiring.botocore_config import CLIENT_CONFIG
from imagemill.wiring.presign import UrlSigner, url_signer

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.session import Session
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client

# For a function that makes thousands of calls. For each call botocore would build the user agent
# and validate the parameters, which takes about as long as signing; mypy has checked them.
_FUNCTION_CONFIG = CLIENT_CONFIG.merge(Config(user_agent="imagemill", parameter_validation=False))


@dataclass(frozen=True, slots=True)
class ApiDeps:
    """The dependencies of ApiImageUploadFunction."""

    records: RecordStore
    feed: Feed
    uploads: UploadDeps
    deletions: DeleteDeps
    presigner: UrlSigner
    cors_origin: str

    def new_token(self) -> str:
        """Return a random text that is unique to an upload (128 bits, URL-safe)."""
        return secrets.token_urlsafe(16)


@cache
def api_deps() -> ApiDeps:
    """Return the dependencies of ApiImageUploadFunction, built from the environment once."""
    settings = ApiSettings.read(os.environ)
    places, clock = settings.places, SystemClock()
    # botocore's stubs do not tell which client a name makes.
    s3 = cast("S3Client", _client("s3"))
    dynamodb = cast("DynamoDBClient", _client("dynamodb"))
    records = RecordStore(dynamodb, places.table)
    originals = OriginalsBucket(s3, places.originals_bucket)
    return ApiDeps(
        records=records,
        feed=Feed(dynamodb, places.table),
        uploads=UploadDeps(records, originals, clock, settings.max_bytes, sniff),
        deletions=DeleteDeps(records, originals, clock),
        presigner=url_signer(s3, places),
        cors_origin=settings.cors_origin,
    )


@cache
def api_session() -> "Session":
    """Return the session that makes all clients of ApiImageUploadFunction."""
    return trimmed_session()


def _client(service: str) -> "BaseClient":
    return api_session().create_client(service, config=_FUNCTION_CONFIG)
