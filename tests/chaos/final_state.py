"""Read the final state of a stack from its buckets, table, listing and event bus."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from chaos.audit import CurrentVersion, FinalState, RenditionObject
from live.rendition_comments import without_comment
from live.stack import Stack
from live.subscriber import Subscriber

from imagemill.aws.feed_index import Feed
from imagemill.aws.record_items import from_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_PAGE = 100
_AT_ONCE = 4


def read_final_state(
    stack: Stack, dynamodb: "DynamoDBClient", subscriber: Subscriber, sent: set[str]
) -> FinalState:
    """Return all objects, records, listing entries and events; `sent` are the keys ever put."""
    versions = _current_versions(stack)
    places = {key: versions.get(key, "") for key in sent | versions.keys()}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        currents = pool.map(lambda place: _current(stack, *place), places.items())
        originals = dict(zip(places, currents, strict=True))
        keys = list(_processed_keys(stack))
        stored = dict(zip(keys, pool.map(lambda key: _stored(stack, key), keys), strict=True))
    items = _items(dynamodb, stack.address.table)
    return FinalState(
        originals=originals,
        records=[from_item(item) for item in items],
        listed=Feed(dynamodb, stack.address.table).newest(len(originals) * 2 + _PAGE),
        processed={key: found for key, found in stored.items() if found},
        announced=_announced(subscriber),
    )


def _announced(subscriber: Subscriber) -> set[tuple[str, str, int]]:
    while subscriber.receive():
        pass
    images = (event["detail"]["image"] for event in subscriber.received)
    return {(image["key"], image["status"], image["revision"]) for image in images}


def _current_versions(stack: Stack) -> dict[str, str]:
    """Return the current version id of each key; deleted keys are left out."""
    pages = stack.s3.get_paginator("list_object_versions").paginate(
        Bucket=stack.address.originals_bucket
    )
    return {
        version["Key"]: version["VersionId"]
        for page in pages
        for version in page.get("Versions", [])
        if version["IsLatest"]
    }


def _current(stack: Stack, key: str, version_id: str) -> CurrentVersion:
    if not version_id:
        return CurrentVersion()
    found = stack.s3.get_object(
        Bucket=stack.address.originals_bucket, Key=key, VersionId=version_id
    )
    return CurrentVersion(version_id, found["Body"].read())


def _processed_keys(stack: Stack) -> Iterator[str]:
    pages = stack.s3.get_paginator("list_objects_v2").paginate(
        Bucket=stack.address.processed_bucket
    )
    return (found["Key"] for page in pages for found in page.get("Contents", []))


def _stored(stack: Stack, key: str) -> RenditionObject | None:
    """Return a rendition without its comment; None for the marker of a removed rendition."""
    found = stack.s3.get_object(Bucket=stack.address.processed_bucket, Key=key)
    metadata, data = found["Metadata"], found["Body"].read()
    if "removed" in metadata:
        return None
    return RenditionObject(without_comment(data), metadata.get("sequencer", ""), len(data))


def _items(dynamodb: "DynamoDBClient", table: str) -> list[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]
