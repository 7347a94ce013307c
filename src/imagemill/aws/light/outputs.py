"""What the clients return: boto3's answers, as far as they are used.

Each reader raises AnswerBroken for an answer that lacks a part that AWS documents as always there.
"""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NotRequired, TypedDict

from imagemill.aws.errors import ResponseInvalid, Unreachable
from imagemill.aws.light.answer import Answer
from imagemill.aws.light.checks import CRC32_HEADER, CheckedBody
from imagemill.aws.light.connection import BROKEN

METADATA = "x-amz-meta-"
"""What the headers of an object's own metadata begin with."""


class ObjectBody(CheckedBody):
    """An object's body, whose reading ends in exactly its bytes or in Unreachable."""

    def read(self, amount: int | None = None) -> bytes:
        """Return the next `amount` bytes, or all that are left; raises Unreachable."""
        try:
            return super().read(amount)
        except BROKEN as fault:
            raise Unreachable.by(fault) from fault


class VersionOutput(TypedDict):
    """What an object's version is known by."""

    ETag: str
    VersionId: NotRequired[str]


class GetObjectOutput(VersionOutput):
    """An object; its body is read and then closed."""

    Body: ObjectBody
    ContentLength: int
    ContentEncoding: NotRequired[str]


class HeadObjectOutput(VersionOutput):
    """An object without its bytes."""

    ContentLength: int
    LastModified: datetime
    Metadata: dict[str, str]
    ContentEncoding: NotRequired[str]


class PutEventsOutput(TypedDict):
    """What became of each event, in their order."""

    FailedEntryCount: int
    Entries: list[dict[str, str]]


def object_of(answer: Answer) -> GetObjectOutput:
    """Return an object, whose body is yet to be read."""
    if answer.length is None:
        raise ResponseInvalid("the answer does not tell the object's length")
    found: GetObjectOutput = {
        "ETag": _needed(answer.headers, "etag"),
        "Body": ObjectBody(answer.some, answer.close, answer.length, answer.headers),
        "ContentLength": answer.length,
    }
    if "x-amz-version-id" in answer.headers:
        found["VersionId"] = answer.headers["x-amz-version-id"]
    if "content-encoding" in answer.headers:
        found["ContentEncoding"] = answer.headers["content-encoding"]
    return found


def facts_of(answer: Answer) -> HeadObjectOutput:
    """Return what the head of an answer tells of an object."""
    headers, begin = answer.headers, len(METADATA)
    try:
        length = int(_needed(headers, "content-length"))
        modified = parsedate_to_datetime(_needed(headers, "last-modified"))
    except ValueError as fault:
        raise ResponseInvalid("the object's length or date is malformed") from fault
    answer.close()
    version = _version(headers)
    found: HeadObjectOutput = {
        "ETag": version["ETag"],
        "ContentLength": length,
        "LastModified": modified,
        "Metadata": {n[begin:]: v for n, v in headers.items() if n.startswith(METADATA)},
    }
    if "VersionId" in version:
        found["VersionId"] = version["VersionId"]
    if encoding := headers.get("content-encoding"):
        found["ContentEncoding"] = encoding
    return found


def version_of(answer: Answer, crc32: str) -> VersionOutput:
    """Return the version that was stored; `crc32` is what was sent along."""
    if answer.headers.get(CRC32_HEADER, crc32) != crc32:
        raise ResponseInvalid("what was stored has another checksum")
    return _version(answer.headers)


def item_of(told: Mapping[str, object]) -> Mapping[str, object]:
    """Return the answer to GetItem or PutItem, an item being a mapping of typed values."""
    item = told.get("Item", {})
    if not (isinstance(item, dict) and all(isinstance(one, dict) for one in item.values())):
        raise ResponseInvalid("the item is malformed")
    return told


def events_of(told: Mapping[str, object], sent: int) -> PutEventsOutput:
    """Return what became of as many events as were sent."""
    entries, failed = told.get("Entries"), told.get("FailedEntryCount", 0)
    if not (isinstance(entries, list) and len(entries) == sent and isinstance(failed, int)):
        raise ResponseInvalid(f"the answer is not about {sent} events")
    if not all(isinstance(entry, dict) for entry in entries):
        raise ResponseInvalid("an entry of the answer is malformed")
    return {"FailedEntryCount": failed, "Entries": entries}


def _version(headers: Mapping[str, str]) -> VersionOutput:
    found: VersionOutput = {"ETag": _needed(headers, "etag")}
    if "x-amz-version-id" in headers:
        found["VersionId"] = headers["x-amz-version-id"]
    return found


def _needed(headers: Mapping[str, str], name: str) -> str:
    found = headers.get(name)
    if not found:
        raise ResponseInvalid(f"the answer lacks {name}")
    return found
