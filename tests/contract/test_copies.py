"""Copies of originals inside their bucket."""

from typing import TYPE_CHECKING

import pytest

from imagemill.aws.original_copies import OriginalCopies

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Copies = tuple[OriginalCopies, "S3Client", str]
KEY, TARGET = "holiday 2026/été+sun (1).JPG", "日本/%2B&=?versionId=1#.png"


def stored(copies: Copies, key: str, data: bytes) -> str:
    """Store an object with all that a copy keeps, and return its ETag."""
    _, s3, bucket = copies
    made = s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=data,
        ContentType="image/jpeg",
        Metadata={"focus": "0.1,0.2"},
        Tagging="album=summer",
    )
    return made["ETag"].strip('"')


def test_a_copy_keeps_bytes_type_metadata_and_tags(copies: Copies) -> None:
    store, s3, bucket = copies
    etag = stored(copies, KEY, b"data")

    assert store.copy(KEY, etag, TARGET)

    found = s3.get_object(Bucket=bucket, Key=TARGET)
    assert (found["Body"].read(), found["ContentType"]) == (b"data", "image/jpeg")
    assert found["Metadata"] == {"focus": "0.1,0.2"}
    tags = s3.get_object_tagging(Bucket=bucket, Key=TARGET)["TagSet"]
    assert tags == [{"Key": "album", "Value": "summer"}]
    assert store.has(KEY)
    assert store.has(TARGET)


# moto checks no condition of a copy or a deletion.
@pytest.mark.parametrize("copies", ["boto3 on embedded", "light on embedded"], indirect=True)
def test_only_the_version_that_was_read_is_copied_and_deleted(copies: Copies) -> None:
    store, _, _ = copies
    former = stored(copies, KEY, b"data")
    present = stored(copies, KEY, b"other")

    assert not store.copy(KEY, former, TARGET)
    assert not store.copy("never", former, TARGET)
    store.delete_version(KEY, former)
    assert (store.has(KEY), store.has(TARGET)) == (True, False)
    store.delete_version(KEY, present)
    store.delete_version("never", present)
    assert not store.has(KEY)
