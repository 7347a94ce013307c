"""Results of the clients' methods, made from responses.

Each function raises InvalidResponse for a response without a part that AWS documents as required.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from imagemill.aws.light.checks import CRC32_HEADER
from imagemill.aws.light.errors import InvalidResponse
from imagemill.aws.light.object_body import ObjectBody

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

    from imagemill.aws.light.answer import Response
    from imagemill.aws.light.results import (
        BatchGetItemOutput,
        GetItemOutput,
        GetObjectOutput,
        HeadObjectOutput,
        ItemsOutput,
        ListedObject,
        ListObjectsOutput,
        PutEventsOutput,
        SecretOutput,
        SentOutput,
        VersionOutput,
        VisibilityOutput,
    )

# Prefix of the headers that carry an object's user-defined metadata.
METADATA_PREFIX = "x-amz-meta-"


def get_object_output(response: Response) -> GetObjectOutput:
    """Return an object with its body unread."""
    if response.length is None:
        raise InvalidResponse("the response does not announce the object's length")
    headers = response.headers
    body = ObjectBody(
        response.read_some, response.close, response.length, headers, response.read_into
    )
    found: GetObjectOutput = {
        "ETag": _required(headers, "etag"),
        "Body": body,
        "ContentLength": response.length,
        "ResponseMetadata": {"HTTPHeaders": headers},
    }
    _add_optional(found, headers)
    return found


def head_object_output(response: Response) -> HeadObjectOutput:
    """Return the facts about an object that the headers state."""
    # Imported here because few functions ask for the facts, and it slows down a cold start.
    from email.utils import parsedate_to_datetime  # noqa: PLC0415

    headers, start = response.headers, len(METADATA_PREFIX)
    try:
        length = int(_required(headers, "content-length"))
        modified = parsedate_to_datetime(_required(headers, "last-modified"))
    except ValueError as error:
        raise InvalidResponse("the object's length or date is malformed") from error
    response.close()
    found: HeadObjectOutput = {
        "ETag": _required(headers, "etag"),
        "ContentLength": length,
        "LastModified": modified,
        "Metadata": {n[start:]: v for n, v in headers.items() if n.startswith(METADATA_PREFIX)},
    }
    _add_optional(found, headers)
    if headers.get("x-amz-server-side-encryption"):
        found["ServerSideEncryption"] = headers["x-amz-server-side-encryption"]
    return found


def put_object_output(response: Response, crc32: str) -> VersionOutput:
    """Return the version that was stored; `crc32` is the checksum that was sent with it."""
    if response.headers.get(CRC32_HEADER, crc32) != crc32:
        raise InvalidResponse("the stored object has another checksum")
    found: VersionOutput = {"ETag": _required(response.headers, "etag")}
    if "x-amz-version-id" in response.headers:
        found["VersionId"] = response.headers["x-amz-version-id"]
    return found


def list_objects_output(root: Element) -> ListObjectsOutput:
    """Return one page of a listing, whose keys S3 has encoded as requested."""
    if root.tag.rpartition("}")[2] != "ListBucketResult":
        raise InvalidResponse("the response is not a listing")
    found: ListObjectsOutput = {
        "Contents": [_listed_object(item) for item in root.iterfind("{*}Contents")],
        "IsTruncated": root.findtext("{*}IsTruncated") == "true",
    }
    folders = root.findall("{*}CommonPrefixes")
    if folders:
        prefixes = (unquote_plus(_text(folder, "Prefix")) for folder in folders)
        found["CommonPrefixes"] = [{"Prefix": prefix} for prefix in prefixes]
    if found["IsTruncated"]:
        found["NextContinuationToken"] = _text(root, "NextContinuationToken")
    return found


def item_output(found: Mapping[str, object]) -> GetItemOutput:
    """Return the result of GetItem or PutItem; an item is a mapping of typed values."""
    if "Item" not in found:
        return {}
    return {"Item": _item(found["Item"])}


def batch_output(found: Mapping[str, object]) -> BatchGetItemOutput:
    """Return the result of BatchGetItem."""
    responses, unread = found.get("Responses"), found.get("UnprocessedKeys", {})
    if not (isinstance(responses, dict) and isinstance(unread, dict)):
        raise InvalidResponse("the response lacks the items")
    return {
        "Responses": {table: _items(items) for table, items in responses.items()},
        "UnprocessedKeys": {
            table: {"Keys": _items(rest["Keys"])} for table, rest in unread.items()
        },
    }


def items_output(found: Mapping[str, object]) -> ItemsOutput:
    """Return the result of Query."""
    page: ItemsOutput = {"Items": _items(found.get("Items"))}
    if found.get("LastEvaluatedKey"):
        page["LastEvaluatedKey"] = _item(found["LastEvaluatedKey"])
    return page


def put_events_output(found: Mapping[str, object], sent: int) -> PutEventsOutput:
    """Return the results for `sent` events."""
    entries, failed = found.get("Entries"), found.get("FailedEntryCount", 0)
    if not (isinstance(entries, list) and len(entries) == sent and isinstance(failed, int)):
        raise InvalidResponse(f"the response does not list {sent} events")
    if not all(isinstance(entry, dict) for entry in entries):
        raise InvalidResponse("an entry of the response is malformed")
    return {"FailedEntryCount": failed, "Entries": entries}


def visibility_output(found: Mapping[str, object]) -> VisibilityOutput:
    """Return the entries that failed."""
    failed = found.get("Failed", [])
    if not (isinstance(failed, list) and all(isinstance(entry, dict) for entry in failed)):
        raise InvalidResponse("the list of failed entries is malformed")
    return {"Failed": failed}


def secret_output(found: Mapping[str, object]) -> SecretOutput:
    """Return the text of a secret."""
    text = found.get("SecretString")
    if not isinstance(text, str):
        raise InvalidResponse("the response has no text of a secret")
    return {"SecretString": text}


def sent_output(found: Mapping[str, object]) -> SentOutput:
    """Return the result of SendMessage."""
    md5 = found.get("MD5OfMessageBody")
    if not isinstance(md5, str):
        raise InvalidResponse("the response lacks the MD5 of the message")
    return {"MD5OfMessageBody": md5}


def _listed_object(item: Element) -> ListedObject:
    try:
        size = int(_text(item, "Size"))
        modified = datetime.fromisoformat(_text(item, "LastModified"))
    except ValueError as error:
        raise InvalidResponse("the size or date of a listed object is malformed") from error
    return {
        "Key": unquote_plus(_text(item, "Key")),
        "Size": size,
        "ETag": _text(item, "ETag"),
        "LastModified": modified,
    }


def _text(parent: Element, name: str) -> str:
    found = parent.findtext(f"{{*}}{name}")
    if not found:
        raise InvalidResponse(f"the listing lacks {name}")
    return found


def _items(found: object) -> list[dict[str, dict[str, object]]]:
    if not isinstance(found, list):
        raise InvalidResponse("the response lacks the items")
    return [_item(item) for item in found]


def _item(found: object) -> dict[str, dict[str, object]]:
    if not (isinstance(found, dict) and all(isinstance(value, dict) for value in found.values())):
        raise InvalidResponse("the item is malformed")
    return found


def _add_optional(found: GetObjectOutput | HeadObjectOutput, headers: Mapping[str, str]) -> None:
    """Add the parts that not every object has."""
    if "x-amz-version-id" in headers:
        found["VersionId"] = headers["x-amz-version-id"]
    if headers.get("content-encoding"):
        found["ContentEncoding"] = headers["content-encoding"]


def _required(headers: Mapping[str, str], name: str) -> str:
    found = headers.get(name)
    if not found:
        raise InvalidResponse(f"the response lacks {name}")
    return found
