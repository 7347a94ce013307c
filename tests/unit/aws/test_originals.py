"""The version of an original that is read, and final errors."""

from dataclasses import replace

import pytest
from fakes.aws_clients import FakeS3, fault
from fakes.events import created

from imagemill.aws.buckets import OriginalsBucket
from imagemill.errors import OriginalArchived, OriginalForbidden, OriginalUndecryptable

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


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("InvalidObjectState", OriginalArchived),
        ("AccessDenied", OriginalForbidden),
        ("InvalidRequest", OriginalUndecryptable),
        ("KMS.DisabledException", OriginalUndecryptable),
    ],
)
def test_a_final_error_says_what_to_do(code: str, kind: type[Exception]) -> None:
    def refuse(call: str) -> None:
        raise fault(call, code)

    s3 = FakeS3(before_call=refuse)

    with pytest.raises(kind, match="backfill"):
        originals(s3).read(created())
