"""Dependencies of ArchiveFunction, built from the environment."""

import os
from functools import cache

from imagemill.archive.deps import ArchiveDeps
from imagemill.archive.settings import ArchiveSettings
from imagemill.aws.errors import configured
from imagemill.aws.light.archiving import ArchivingS3
from imagemill.aws.light.clients import DynamoDB
from imagemill.aws.original_archive import OriginalArchive, UnpackedOriginals
from imagemill.aws.records_table import RecordStore
from imagemill.wiring.archived import pack, unpack

# Largest JPEG that is archived, bytes. Every reader has to unpack it within its time.
MAX_BYTES = 16_000_000


@cache
def archive_deps() -> ArchiveDeps:
    """Return the dependencies of ArchiveFunction; built on the first call."""
    settings = ArchiveSettings.read(os.environ)
    with configured():
        s3, dynamodb = ArchivingS3(os.environ), DynamoDB(os.environ)
    return ArchiveDeps(
        records=RecordStore(dynamodb, settings.names.table),
        originals=OriginalArchive(s3, s3, settings.names.originals_bucket),
        unpacked=UnpackedOriginals(s3, settings.names.processed_bucket),
        pack=pack,
        unpack=unpack,
        max_bytes=MAX_BYTES,
    )
