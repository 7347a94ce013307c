"""All objects and records of a stack, one page at a time."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from imagemill.aws.buckets import OriginalsBucket, listed
from imagemill.aws.errors import translated
from imagemill.aws.record_items import from_item
from imagemill.aws.records_table import MOST_AT_ONCE
from imagemill.aws.renditions_bucket import MARKER_BYTES, CommandRenditionsBucket
from imagemill.config import StackNames
from imagemill.domain.keys import UNPACKED_PREFIX, is_folder_marker
from imagemill.domain.reconciliation import Listed, StoredObject
from imagemill.domain.record import ImageRecord
from imagemill.domain.rendition_metadata import Precedence
from imagemill.errors import Throttled

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import KeysAndAttributesTypeDef

    from imagemill.aws.item_clients import Item, ScanParams, TableClient
    from imagemill.aws.object_clients import BucketClient

_STORE = "the records table"
# Requests for one batch until all of its items were read.
_MAX_ATTEMPTS = 8
# Requests for the metadata of objects at once.
_STATES_AT_ONCE = 16
# Seconds before the second request; doubled each time, 6 s in all.
_FIRST_PAUSE_S = 0.05


class StackScan:
    """Implements `backfill.due.StackScan`."""

    def __init__(self, s3: "BucketClient", dynamodb: "TableClient", names: StackNames) -> None:
        self._s3 = s3
        self._dynamodb = dynamodb
        self._names = names

    def originals(self, prefix: str) -> Iterator[list[Listed]]:
        """Yield the originals with this prefix, in the order of their keys.

        Markers of folders are left out: they are not images.
        """
        bucket = self._names.originals_bucket
        for page in listed(self._s3, bucket, f"the bucket {bucket}", prefix):
            yield [
                Listed(
                    key=item["Key"],
                    bytes=item["Size"],
                    etag=item["ETag"].strip('"'),
                    modified_s=int(item["LastModified"].timestamp()),
                )
                for item in page
                if not is_folder_marker(item["Key"], item["Size"])
            ]

    def renditions(self) -> Iterator[list[StoredObject]]:
        """Yield every rendition and variant of the processed bucket, without markers.

        Unpacked originals are left out, too: they expire by themselves.
        """
        bucket = self._names.processed_bucket
        renditions = CommandRenditionsBucket(self._s3, bucket)
        for page in listed(self._s3, bucket, f"the bucket {bucket}"):
            yield [
                StoredObject(item["Key"], item["Size"])
                for item in page
                # Only an object of a marker's size can be one, so only it is looked at.
                if not item["Key"].startswith(UNPACKED_PREFIX)
                and (item["Size"] != MARKER_BYTES or _is_rendition(renditions, item["Key"]))
            ]

    def precedences(self, keys: Sequence[str]) -> dict[str, Precedence]:
        """Return the precedences of the objects that exist; S3 lists no metadata."""
        renditions = CommandRenditionsBucket(self._s3, self._names.processed_bucket)
        with ThreadPoolExecutor(_STATES_AT_ONCE) as pool:
            states = dict(zip(keys, pool.map(renditions.state, keys), strict=True))
        return {key: state.precedence for key, state in states.items() if state}

    def has_original(self, key: str) -> bool:
        """Return whether there is an original under the key now."""
        return OriginalsBucket(self._s3, self._names.originals_bucket).current(key) is not None

    def records(self) -> Iterator[list[ImageRecord]]:
        """Yield every record, in any order."""
        params: ScanParams = {"TableName": self._names.table}
        while True:
            with translated(_STORE):
                page = self._dynamodb.scan(**params)
            yield [from_item(item) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return
            params["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def records_of(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        """Return the records with these ids; raises Throttled if the table does not send all."""
        found: dict[str, ImageRecord] = {}
        for start in range(0, len(ids), MOST_AT_ONCE):
            records = map(from_item, self._items(ids[start : start + MOST_AT_ONCE]))
            found |= {record.id: record for record in records}
        return found

    def _items(self, ids: Sequence[str]) -> "Iterator[Item]":
        """Yield items, and request those again that DynamoDB left out because of the load."""
        table = self._names.table
        keys: Sequence[Item] = [{"id": {"S": image_id}} for image_id in ids]
        for attempt in range(_MAX_ATTEMPTS):
            request: KeysAndAttributesTypeDef = {"Keys": keys, "ConsistentRead": True}
            with translated(_STORE):
                answer = self._dynamodb.batch_get_item(RequestItems={table: request})
            yield from answer["Responses"].get(table, [])
            unprocessed = answer.get("UnprocessedKeys", {})
            if table not in unprocessed:
                return
            keys = unprocessed[table]["Keys"]
            time.sleep(_FIRST_PAUSE_S * 2**attempt)
        raise Throttled(f"{_STORE} left out items {_MAX_ATTEMPTS} times")


def _is_rendition(bucket: CommandRenditionsBucket, key: str) -> bool:
    state = bucket.state(key)
    return state is not None and not state.is_removed
