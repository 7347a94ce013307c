"""The write that wins for a key, and its request to S3."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from fakes.renditions_bucket import (
    BUCKET,
    FIRST,
    KEY,
    SECOND,
    RecordingS3,
    lose_races,
    metadata_of,
    put,
    quoted_md5,
    refuse,
    renditions_bucket,
    state,
)

from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.domain.rendition_metadata import Placement, Precedence, PutResult, StoredState
from imagemill.errors import StoreUnavailable, Throttled

MOST_FORMER = 16


@dataclass
class EncryptingS3(RecordingS3):
    """S3 that says how its objects are encrypted."""

    encryption: str = "AES256"

    def head_object(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        return super().head_object(**request) | {"ServerSideEncryption": self.encryption}


@pytest.fixture
def s3() -> RecordingS3:
    return RecordingS3()


@pytest.fixture
def bucket(s3: RecordingS3) -> RenditionsBucket:
    return renditions_bucket(s3)


def test_the_first_rendition_is_created_if_there_is_no_object(
    bucket: RenditionsBucket, s3: RecordingS3
) -> None:
    result = put(bucket, data=b"one")

    assert result == PutResult(Placement.CREATED, 3)
    assert s3.requests == [
        {
            "Bucket": BUCKET,
            "Key": KEY,
            "Body": b"one",
            "ContentType": "image/jpeg",
            "ContentDisposition": "inline",
            "Metadata": {"sequencer": "01", "recipe": "r1", "deployed-at": "7"},
            "IfNoneMatch": "*",
        }
    ]


def test_metadata_for_readers_is_stored(bucket: RenditionsBucket, s3: RecordingS3) -> None:
    metadata = replace(metadata_of(FIRST), version="v1", canonical={"3": "full/max/0/default.jpg"})

    bucket.put(KEY, b"one", metadata, may_replace=True)

    stored = s3.requests[0]["Metadata"]
    assert (stored["version"], stored["iiif-3"]) == ("v1", "full/max/0/default.jpg")


def test_the_state_of_an_object_is_read_from_its_metadata(bucket: RenditionsBucket) -> None:
    put(bucket, data=b"one")

    assert bucket.state(KEY) == StoredState(quoted_md5(b"one"), FIRST, 3)


def test_an_object_without_metadata_is_older_than_every_event(
    bucket: RenditionsBucket, s3: RecordingS3
) -> None:
    s3.put(BUCKET, KEY, b"foreign")

    assert state(bucket).precedence == Precedence("", 0, "")


def test_an_unknown_key_has_no_state(bucket: RenditionsBucket) -> None:
    assert bucket.state(KEY) is None


def test_an_error_of_a_head_request_is_not_a_missing_object(
    bucket: RenditionsBucket, s3: RecordingS3
) -> None:
    s3.before_call = refuse("403", only="HeadObject")

    with pytest.raises(StoreUnavailable, match="the processed bucket answered 403 to HeadObject"):
        bucket.state(KEY)


def test_an_error_of_a_write_is_not_a_lost_race(bucket: RenditionsBucket, s3: RecordingS3) -> None:
    s3.before_call = refuse("AccessDenied", only="PutObject")

    with pytest.raises(
        StoreUnavailable, match="the processed bucket answered AccessDenied to PutObject"
    ):
        put(bucket)


def test_a_newer_event_replaces_only_the_object_that_it_has_seen(
    bucket: RenditionsBucket, s3: RecordingS3
) -> None:
    put(bucket, FIRST, b"one")

    result = put(bucket, SECOND, b"three")

    assert result == PutResult(Placement.REPLACED, 5)
    assert s3.requests[-1]["IfMatch"] == quoted_md5(b"one")
    assert "IfNoneMatch" not in s3.requests[-1]
    assert state(bucket).precedence == SECOND


def test_a_newer_event_without_permission_keeps_the_object(bucket: RenditionsBucket) -> None:
    put(bucket, FIRST, b"one")

    result = put(bucket, SECOND, b"three", may_replace=False)

    assert result == PutResult(Placement.OCCUPIED, 3, FIRST)
    assert state(bucket).precedence == FIRST


def test_a_newer_deployment_replaces_its_own_event_without_permission(
    bucket: RenditionsBucket,
) -> None:
    put(bucket, FIRST)

    result = put(bucket, replace(FIRST, deployed_at=8, recipe="r2"), b"two", may_replace=False)

    assert result.placement is Placement.REPLACED


@pytest.mark.parametrize(
    ("standing", "placement"),
    [
        (FIRST, Placement.PRESENT),
        (replace(FIRST, deployed_at=8), Placement.PRESENT),
        (replace(FIRST, deployed_at=8, recipe="r2"), Placement.SKIPPED),
        (SECOND, Placement.SKIPPED),
        (replace(SECOND, recipe="r2"), Placement.SKIPPED),
    ],
)
def test_a_rendition_of_the_same_or_higher_precedence_is_kept(
    standing: Precedence, placement: Placement, bucket: RenditionsBucket
) -> None:
    put(bucket, standing, b"standing")

    result = put(bucket, FIRST, b"one")

    assert result == PutResult(placement, 8, standing)
    assert bucket.download(KEY) == b"standing"


def test_a_rendition_with_the_bytes_that_it_replaces_gets_a_comment(
    bucket: RenditionsBucket,
) -> None:
    put(bucket, FIRST, b"one")

    result = put(bucket, SECOND, b"one")

    assert result.bytes == len(b"one image/jpeg")
    assert bucket.download(KEY) == b"one image/jpeg"


def test_a_rendition_with_bytes_of_an_earlier_one_gets_a_comment(
    bucket: RenditionsBucket,
) -> None:
    for number in range(1, MOST_FORMER + 1):
        put(bucket, Precedence(f"{number:02}"), f"{number:02}".encode())

    put(bucket, Precedence("99"), b"01")

    assert bucket.download(KEY) == b"01 image/jpeg"


def test_the_former_etags_are_remembered_in_order(
    bucket: RenditionsBucket, s3: RecordingS3
) -> None:
    put(bucket, Precedence("01"), b"one")
    put(bucket, Precedence("02"), b"two")

    put(bucket, Precedence("03"), b"three")

    etags = (quoted_md5(b"one"), quoted_md5(b"two"))
    assert state(bucket).former == etags
    assert s3.requests[-1]["Metadata"]["former"] == ",".join(etags).replace('"', "")


def test_beyond_the_remembered_etags_every_rendition_gets_a_comment(
    bucket: RenditionsBucket,
) -> None:
    for number in range(1, MOST_FORMER + 2):
        put(bucket, Precedence(f"{number:02}"), f"{number:02}".encode())
    assert bucket.download(KEY) == b"17"

    put(bucket, Precedence("98"), b"98")

    assert bucket.download(KEY) == b"98 image/jpeg"
    assert len(state(bucket).former) == MOST_FORMER


def test_an_unknown_key_is_downloaded_as_none(bucket: RenditionsBucket) -> None:
    assert bucket.download(KEY) is None


def test_a_rendition_that_was_replaced_is_not_read(bucket: RenditionsBucket) -> None:
    put(bucket, FIRST, b"one")
    seen = state(bucket)
    put(bucket, SECOND, b"two")

    assert bucket.read(KEY, seen) is None


def test_an_unchanged_rendition_is_read(bucket: RenditionsBucket) -> None:
    put(bucket, FIRST, b"one")

    assert bucket.read(KEY, state(bucket)) == b"one"


def test_a_rendition_deleted_during_the_write_is_created(
    bucket: RenditionsBucket, s3: RecordingS3
) -> None:
    s3.put(BUCKET, KEY, b"foreign")
    deletions = iter([KEY])

    def turn(call: str) -> None:
        if call == "HeadObject" and next(deletions, None):
            del s3.objects[BUCKET, KEY]

    s3.before_call = turn

    assert put(bucket).placement is Placement.CREATED


def test_a_write_that_loses_seven_races_wins_the_eighth(
    bucket: RenditionsBucket, s3: RecordingS3
) -> None:
    s3.before_call = lose_races(7, s3)

    assert put(bucket).placement is Placement.REPLACED


def test_a_write_gives_up_after_eight_lost_races(bucket: RenditionsBucket, s3: RecordingS3) -> None:
    s3.before_call = lose_races(8, s3)

    with pytest.raises(Throttled, match=r"^8 others wrote 20/a\.jpg at the same time$"):
        put(bucket)


@pytest.mark.parametrize(
    ("encryption", "stored"), [("aws:kms", b"two image/jpeg"), ("AES256", b"two")]
)
def test_under_kms_a_rendition_that_replaces_an_object_gets_bytes_of_its_own(
    encryption: str, stored: bytes
) -> None:
    s3 = EncryptingS3(encryption=encryption)
    bucket = renditions_bucket(s3)

    put(bucket, FIRST, b"one")
    put(bucket, SECOND, b"two")

    assert [request["Body"] for request in s3.requests if "IfMatch" in request] == [stored]
    assert s3.requests[0]["Body"] == b"one"
