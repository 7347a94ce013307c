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
    StoreUnavailable,
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
        ("KMS.NotFoundException", OriginalUndecryptable),
        ("KMS.InvalidKeyUsageException", OriginalUndecryptable),
        ("KMS.AccessDeniedException", OriginalForbidden),
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


@pytest.mark.parametrize("code", ["KMS.KMSInternalException", "InternalError", "RequestTimeout"])
def test_an_error_that_may_not_occur_again_is_not_final(code: str) -> None:
    with pytest.raises(StoreUnavailable, match=code):
        originals(refusing(code)).read(created())


def denied(code: str) -> FakeS3:
    """Return a client that is denied the state of every object."""

    def refuse(call: str) -> None:
        if call == "HeadObject":
            raise fault(call, code)

    return FakeS3(before_call=refuse)


@pytest.mark.parametrize("code", ["400", "403"])
def test_an_object_whose_state_is_denied_is_found_in_the_listing(code: str) -> None:
    s3 = denied(code)
    s3.put(BUCKET, "a.jpg.copy", b"other")
    stored = s3.put(BUCKET, "a.jpg", b"one")

    found = originals(s3).current("a.jpg")

    assert found is not None
    assert (found.etag, found.bytes, found.version_id) == (stored.etag.strip('"'), 3, "")
    assert found.happened_at == "2026-05-04T10:20:49.000Z"


def test_a_denied_state_of_an_object_that_is_not_listed_is_an_error() -> None:
    s3 = denied("403")
    s3.put(BUCKET, "a.jpg.copy", b"other")

    with pytest.raises(StoreUnavailable, match="403 to HeadObject"):
        originals(s3).current("a.jpg")


def test_an_error_of_s3_is_not_taken_for_a_denied_state() -> None:
    s3 = denied("500")
    s3.put(BUCKET, "a.jpg", b"one")

    with pytest.raises(StoreUnavailable, match="500 to HeadObject"):
        originals(s3).current("a.jpg")
