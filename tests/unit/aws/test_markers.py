"""Markers of removed renditions prevent late writes."""

import hashlib
from typing import Any

import pytest
from fakes.aws_clients import fault
from fakes.renditions_bucket import (
    BUCKET,
    FIRST,
    KEY,
    SECOND,
    RecordingS3,
    lose_races,
    put,
    quoted_md5,
    renditions_bucket,
    state,
)

from imagemill.aws.renditions_bucket import (
    MARKER_BYTES,
    CommandRenditionsBucket,
    RenditionsBucket,
)
from imagemill.domain.rendition_metadata import Placement, Precedence, PutResult, of_deletion
from imagemill.errors import StoreUnavailable, Throttled


@pytest.fixture
def s3() -> RecordingS3:
    return RecordingS3()


@pytest.fixture
def bucket(s3: RecordingS3) -> RenditionsBucket:
    return renditions_bucket(s3)


def test_removing_replaces_the_rendition_by_a_marker(
    bucket: RenditionsBucket, s3: RecordingS3
) -> None:
    put(bucket, FIRST, b"one")

    was_written = bucket.remove(KEY, SECOND)

    body = hashlib.sha256(repr(SECOND).encode()).hexdigest().encode()
    assert was_written
    assert s3.requests[-1] == {
        "Bucket": BUCKET,
        "Key": KEY,
        "Body": body,
        "ContentType": "text/plain",
        "Tagging": "imagemill=removed",
        "Metadata": {
            "sequencer": "02",
            "recipe": "r1",
            "deployed-at": "7",
            "former": quoted_md5(b"one").strip('"'),
            "removed": "1",
        },
        "IfMatch": quoted_md5(b"one"),
    }
    assert len(body) == MARKER_BYTES


def test_removing_puts_a_marker_where_there_is_no_object(
    bucket: RenditionsBucket, s3: RecordingS3
) -> None:
    assert bucket.remove(KEY, FIRST)

    assert s3.requests[-1]["IfNoneMatch"] == "*"
    assert state(bucket).is_removed


def test_a_marker_is_not_downloaded(bucket: RenditionsBucket) -> None:
    bucket.remove(KEY, FIRST)

    assert bucket.download(KEY) is None


def test_removing_keeps_an_object_of_higher_precedence(bucket: RenditionsBucket) -> None:
    put(bucket, SECOND, b"two")

    assert not bucket.remove(KEY, FIRST)
    assert bucket.download(KEY) == b"two"


def test_removing_replaces_an_object_of_the_same_precedence(bucket: RenditionsBucket) -> None:
    put(bucket, FIRST, b"one")

    assert bucket.remove(KEY, FIRST)
    assert state(bucket).is_removed


def test_a_marker_is_not_put_twice(bucket: RenditionsBucket, s3: RecordingS3) -> None:
    bucket.remove(KEY, FIRST)

    assert not bucket.remove(KEY, FIRST)
    assert s3.calls.count("PutObject") == 1


def test_a_higher_marker_replaces_a_lower_one(bucket: RenditionsBucket) -> None:
    bucket.remove(KEY, FIRST)

    assert bucket.remove(KEY, SECOND)
    assert state(bucket).precedence == SECOND


def test_the_etag_of_a_marker_is_not_remembered(bucket: RenditionsBucket) -> None:
    bucket.remove(KEY, FIRST)

    put(bucket, SECOND, b"two")

    assert state(bucket).former == ()


def test_a_marker_remembers_the_etags_before_it(bucket: RenditionsBucket) -> None:
    put(bucket, FIRST, b"one")
    bucket.remove(KEY, of_deletion("01"))

    put(bucket, SECOND, b"one")

    assert bucket.download(KEY) == b"one image/jpeg"
    assert state(bucket).former == (quoted_md5(b"one"),)


@pytest.mark.parametrize("up_to", [FIRST, SECOND])
def test_a_marker_prevents_renditions_up_to_its_precedence(
    up_to: Precedence, bucket: RenditionsBucket
) -> None:
    bucket.remove(KEY, up_to)

    result = put(bucket, FIRST)

    assert result == PutResult(Placement.SKIPPED, MARKER_BYTES, up_to)
    assert state(bucket).is_removed


def test_a_rendition_of_a_newer_event_replaces_a_marker_without_permission(
    bucket: RenditionsBucket,
) -> None:
    bucket.remove(KEY, FIRST)

    result = put(bucket, SECOND, may_replace=False)

    assert result.placement is Placement.REPLACED


def test_a_removal_that_loses_seven_races_wins_the_eighth(
    bucket: RenditionsBucket, s3: RecordingS3
) -> None:
    s3.before_call = lose_races(7, s3)

    assert bucket.remove(KEY, FIRST)


def test_a_removal_gives_up_after_eight_lost_races(
    bucket: RenditionsBucket, s3: RecordingS3
) -> None:
    s3.before_call = lose_races(8, s3)

    with pytest.raises(Throttled, match=r"^8 others wrote 20/a\.jpg at the same time$"):
        bucket.remove(KEY, FIRST)


class _HiddenMarkers(RecordingS3):
    """S3 with a policy that denies objects with a tag; HEAD shows only the status."""

    tags: dict[str, str] = {}  # noqa: RUF012  # each test sets its own

    def head_object(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        if request["Key"] in self.tags:
            raise fault("HeadObject", "403")
        return super().head_object(**request)

    def get_object_tagging(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        tag, _, value = self.tags[request["Key"]].partition("=")
        if tag == "error":
            raise fault("GetObjectTagging", value)
        return {"TagSet": [{"Key": tag, "Value": value}]}


def of_commands(**tags: str) -> CommandRenditionsBucket:
    s3 = _HiddenMarkers()
    s3.put(BUCKET, "plain", b"data")
    s3.tags = tags
    return CommandRenditionsBucket(s3, BUCKET)  # type: ignore[arg-type]  # a fake


def test_a_command_knows_a_hidden_marker_by_its_tag() -> None:
    bucket = of_commands(hidden="imagemill=removed")

    found = bucket.state("hidden")

    assert found is not None
    assert (found.is_removed, found.bytes) == (True, MARKER_BYTES)
    assert bucket.download("hidden") is None


def test_a_command_never_replaces_a_hidden_marker() -> None:
    bucket = of_commands(hidden="imagemill=removed")

    assert not bucket.remove("hidden", of_deletion("FF.ffffffff.ffffffff"))


@pytest.mark.parametrize("tags", ["imagemill=other", "error=AccessDenied", "error=404"])
def test_another_object_that_is_denied_is_an_error(tags: str) -> None:
    with pytest.raises(StoreUnavailable):
        of_commands(hidden=tags).state("hidden")


def test_a_command_reads_the_state_of_other_objects() -> None:
    found, missing = of_commands().state("plain"), of_commands().state("never")

    assert found is not None
    assert (found.is_removed, missing) == (False, None)
