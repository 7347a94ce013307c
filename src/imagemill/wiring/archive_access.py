"""The dependencies of addresses of archived originals in ApiImageUploadFunction."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from imagemill.api.archived import ArchiveAccess
from imagemill.aws.errors import configured
from imagemill.aws.light.clients import S3, SecretsManager
from imagemill.aws.light.connection import Timeouts
from imagemill.aws.light.invoking import Lambda
from imagemill.aws.secret_pairs import KeptSecrets
from imagemill.aws.unpacker import FunctionUnpacker
from imagemill.config import StackNames
from imagemill.domain.clock import SystemClock
from imagemill.errors import NotFound

if TYPE_CHECKING:
    from imagemill.domain.stores import RecordReader

# Longest time for unpacking, s: less than the time-out of ApiImageUploadFunction.
_UNPACK_S = 25


def archive_access(
    environ: Mapping[str, str], names: StackNames, records: "RecordReader"
) -> ArchiveAccess:
    """Return the dependencies; raises NotFound for a stack that has no archived originals."""
    function, secret = (
        environ.get("IMAGEMILL_ARCHIVE_FUNCTION"),
        environ.get("IMAGEMILL_ARCHIVE_SECRET"),
    )
    if not function or not secret:
        raise NotFound("this stack has no archived originals: deploy it with ArchiveOriginals=read")
    with configured():
        s3, secrets = S3(environ), SecretsManager(environ)
        functions = Lambda(environ, Timeouts(answer_s=_UNPACK_S, idle_answer_s=_UNPACK_S))
    return ArchiveAccess(
        records=records,
        secrets=KeptSecrets(secrets, secret, time.monotonic, "the secret of archived originals"),
        unpacker=FunctionUnpacker(s3, names.processed_bucket, functions, function),
        clock=SystemClock(),
        endpoint=environ.get("AWS_ENDPOINT_URL", ""),
    )
