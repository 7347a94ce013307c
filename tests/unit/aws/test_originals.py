"""The version of an original that is read, and final errors."""

from dataclasses import replace

import pytest
from fakes.aws_clients import FakeS3, fault
from fakes.events import created

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.errors import RESIZE_IMAGE, TRANSFORM, Reader
from imagemill.errors import (
    OriginalArchived,
    OriginalForbidden,
    OriginalUndecryptable,
    OriginalUnreadable,
)

BUCKET = "originals"


def originals(s3: FakeS3) -> OriginalsBucket:
    return OriginalsBucket(s3, BUCKET)  # type: ignore[arg-type]  # a fake


def test_without_versions_replaced_bytes_are_not_read() -> None:
    s3 = FakeS3()
    first = s3.put(BUCKET, "a.jpg", b"one")
    event = replace(created(version_id=""), etag=first.etag.strip('"'), bytes=3)
    s3.put(BUCKET, "a.jpg", b"two")

    assert originals(s3).read(event) is None


def test_the_version_of_the_event_is_read() -> None:
    s3 = FakeS3()
    first = s3.put(BUCKET, "a.jpg", b"one")
    event = replace(created(version_id=first.version_id), etag=first.etag.strip('"'), bytes=3)
    s3.put(BUCKET, "a.jpg", b"two")

    assert originals(s3).read(event) == b"one"


UNREADABLE = pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("InvalidObjectState", OriginalArchived),
        ("AccessDenied", OriginalForbidden),
        ("InvalidRequest", OriginalUndecryptable),
        ("KMS.DisabledException", OriginalUndecryptable),
    ],
)


@UNREADABLE
def test_a_final_error_says_what_to_do(code: str, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="run imagemill backfill"):
        originals(refusing(code)).read(created())


@UNREADABLE
def test_a_final_error_of_transform_function_says_what_to_do(
    code: str, kind: type[Exception]
) -> None:
    bucket = OriginalsBucket(refusing(code), BUCKET, TRANSFORM)  # type: ignore[arg-type]  # a fake

    with pytest.raises(kind, match="request it again"):
        bucket.read(created())


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidRequest"])
@pytest.mark.parametrize("reader", [RESIZE_IMAGE, TRANSFORM])
def test_the_role_that_may_not_read_is_named(code: str, reader: Reader) -> None:
    bucket = OriginalsBucket(refusing(code), BUCKET, reader)  # type: ignore[arg-type]  # a fake

    with pytest.raises(OriginalUnreadable, match=reader.role):
        bucket.read(created())


def refusing(code: str) -> FakeS3:
    """Return a bucket that answers every call with an error."""

    def refuse(call: str) -> None:
        raise fault(call, code)

    return FakeS3(before_call=refuse)
