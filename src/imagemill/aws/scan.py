"""A stack read from one end to the other, a page at a time."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.errors import translated
from imagemill.aws.record_items import from_item
from imagemill.aws.records_table import MOST_AT_ONCE
from imagemill.aws.renditions_bucket import MARKER_BYTES, RenditionsBucket
from imagemill.config import Places
from imagemill.domain.keys import is_folder_marker
from imagemill.domain.reconciliation import Listed, StoredObject
from imagemill.domain.record import ImageRecord
from imagemill.errors import Throttled

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client

_MOST_TRIES = 8
_FIRST_PAUSE_S = 0.05


class StackScan:
    """Implements `workflows.survey.Archive`."""

    def __init__(self, s3: "S3Client", dynamodb: "DynamoDBClient", places: Places) -> None:
        self._s3 = s3
        self._dynamodb = dynamodb
        self._places = places

    def originals(self, prefix: str) -> Iterator[list[Listed]]:
        """Yield the originals whose keys begin so, in the order of their keys.

        Markers of folders are passed over: they are no images.
        """
        for found in self._listed(self._places.originals_bucket, prefix):
            yield [
                Listed(
                    key=item["Key"],
                    bytes=item["Size"],
                    etag=item["ETag"].strip('"'),
                    modified_s=int(item["LastModified"].timestamp()),
                )
                for item in found
                if not is_folder_marker(item["Key"], item["Size"])
            ]

    def renditions(self) -> Iterator[list[StoredObject]]:
        """Yield every rendition of the processed bucket, without the markers of removed ones."""
        bucket = RenditionsBucket(self._s3, self._places.processed_bucket)
        for found in self._listed(self._places.processed_bucket, ""):
            yield [
                StoredObject(item["Key"], item["Size"])
                for item in found
                if item["Size"] != MARKER_BYTES or _is_rendition(bucket, item["Key"])
            ]

    def has_original(self, key: str) -> bool:
        """Tell whether an original stands under the key now."""
        return OriginalsBucket(self._s3, self._places.originals_bucket).current(key) is not None

    def records(self) -> Iterator[list[ImageRecord]]:
        """Yield every record, in any order."""
        asked: dict[str, Any] = {"TableName": self._places.table}
        while True:
            with translated("the records table"):
                page = self._dynamodb.scan(**asked)
            yield [from_item(item) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def records_of(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        """Return every record there is with these ids; raises Throttled if it cannot be had."""
        found: dict[str, ImageRecord] = {}
        for start in range(0, len(ids), MOST_AT_ONCE):
            records = map(from_item, self._items(ids[start : start + MOST_AT_ONCE]))
            found |= {record.id: record for record in records}
        return found

    def _items(self, ids: Sequence[str]) -> Iterator[Any]:
        """Yield items, asking again for what is held back under load."""
        asked: Any = {"Keys": [{"id": {"S": image_id}} for image_id in ids]}
        for turn in range(_MOST_TRIES):
            request = {self._places.table: asked | {"ConsistentRead": True}}
            with translated("the records table"):
                answer = self._dynamodb.batch_get_item(RequestItems=request)
            yield from answer["Responses"].get(self._places.table, [])
            asked = answer.get("UnprocessedKeys", {}).get(self._places.table)
            if not asked:
                return
            time.sleep(_FIRST_PAUSE_S * 2**turn)
        raise Throttled("the records table held back what was asked for, again and again")

    def _listed(self, bucket: str, prefix: str) -> Iterator[list[Any]]:
        asked: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
        while True:
            with translated(f"the bucket {bucket}"):
                page = self._s3.list_objects_v2(**asked)
            yield list(page.get("Contents", []))
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]


def _is_rendition(bucket: RenditionsBucket, key: str) -> bool:
    state = bucket.state(key)
    return state is not None and not state.is_removed
