"""ArchiveFunction: stores the JPEG originals of ready images as lossless JPEG XL.

It also unpacks an archived original when ApiImageUploadFunction calls it.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from imagemill.archive.archive_original import archive_original
from imagemill.archive.messages import QueuedImage, answer_unpacking, archive_all
from imagemill.functions.logs import begin
from imagemill.wiring.archive_function import archive_deps

if TYPE_CHECKING:
    from imagemill.functions.context import LambdaContext


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Archive the original of every event; return the ids of the messages that failed.

    `{"unpack": ID}` has one original unpacked: the result has the key of the JPEG, or an error.
    """
    begin(context)
    if "unpack" in event:
        return answer_unpacking(event["unpack"], archive_deps())
    images = [QueuedImage(one["messageId"], one["body"]) for one in event["Records"]]
    failed = archive_all(images, partial(archive_original, deps=archive_deps()))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}
