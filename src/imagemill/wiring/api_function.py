"""The dependencies of ApiImageUploadFunction: settings from the environment → clients → stores."""

import os
import secrets
from dataclasses import dataclass
from functools import cache

from imagemill.api.delete import DeleteDeps
from imagemill.api.upload import UploadDeps
from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.errors import configured
from imagemill.aws.feed_index import Feed
from imagemill.aws.light.clients import S3, DynamoDB
from imagemill.aws.records_table import RecordStore
from imagemill.config import ApiSettings
from imagemill.domain.clock import SystemClock
from imagemill.imaging.sniff import sniff
from imagemill.wiring.presign import UrlSigner, url_signer


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
    with configured():
        s3, dynamodb = S3(os.environ), DynamoDB(os.environ)
    records = RecordStore(dynamodb, places.table)
    originals = OriginalsBucket(s3, places.originals_bucket)
    return ApiDeps(
        records=records,
        feed=Feed(dynamodb, places.table),
        uploads=UploadDeps(records, originals, clock, settings.max_bytes, sniff),
        deletions=DeleteDeps(records, originals, clock),
        presigner=url_signer(os.environ, places),
        cors_origin=settings.cors_origin,
    )
