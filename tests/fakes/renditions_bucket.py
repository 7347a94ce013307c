"""The bucket of renditions on S3 in memory, with a log of its requests."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from fakes.aws_clients import BeforeCall, FakeS3, fault
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.domain.rendition_metadata import (
    Precedence,
    PutResult,
    RenditionMetadata,
    StoredState,
)

BUCKET, KEY = "processed", "20/a.jpg"
FIRST, SECOND = Precedence("01", 7, "r1"), Precedence("02", 7, "r1")


@dataclass
class RecordingS3(FakeS3):
    """S3 in memory that records its requests."""

    requests: list[dict[str, Any]] = field(default_factory=list)

    def put_object(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self.requests.append(request)
        return super().put_object(**request)

    def get_object(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self.requests.append(request)
        return super().get_object(**request)


def renditions_bucket(s3: FakeS3) -> RenditionsBucket:
    """Return the bucket; its distinguishing comment is the media type, appended to the bytes."""
    return RenditionsBucket(s3, BUCKET, _with_comment)  # type: ignore[arg-type]  # a fake


def refuse(code: str, only: str = "") -> BeforeCall:
    """Return a hook that makes every call fail with a code, or only one operation."""

    def before_call(call: str) -> None:
        if only in {"", call}:
            raise fault(call, code)

    return before_call


def lose_races(times: int, s3: FakeS3) -> BeforeCall:
    """Return a hook with which another writer wins the race for each of the next writes."""
    numbers = iter(range(times))

    def before_call(call: str) -> None:
        number = next(numbers, None) if call == "PutObject" else None
        if number is not None:
            s3.put(BUCKET, KEY, b"foreign %d" % number)

    return before_call


def _with_comment(data: bytes, content_type: str) -> bytes:
    return data + b" " + content_type.encode()


def metadata_of(precedence: Precedence) -> RenditionMetadata:
    """Return the metadata of a rendition."""
    return RenditionMetadata(precedence, "image/jpeg", "inline")


def put(
    bucket: RenditionsBucket,
    precedence: Precedence = FIRST,
    data: bytes = b"one",
    *,
    may_replace: bool = True,
) -> PutResult:
    """Store a rendition."""
    return bucket.put(KEY, data, metadata_of(precedence), may_replace=may_replace)


def state(bucket: RenditionsBucket) -> StoredState:
    """Return the state of KEY, which must exist."""
    found = bucket.state(KEY)
    assert found is not None
    return found


def quoted_md5(data: bytes) -> str:
    """Return the ETag of bytes in the notation of S3, with quotes."""
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
