"""Originals that are replaced by packed ones in their bucket."""

from typing import TYPE_CHECKING

from imagemill.aws.original_archive import OriginalArchive
from imagemill.domain.event import PackedJpeg

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Archive = tuple[OriginalArchive, "S3Client", str]
KEY = "holiday 2026/été+sun (1).JPG"


def stored(archive: Archive, data: bytes) -> PackedJpeg:
    """Store an object with all that its replacement keeps, and return how it would be named."""
    _, s3, bucket = archive
    made = s3.put_object(
        Bucket=bucket,
        Key=KEY,
        Body=data,
        ContentType="image/jpeg",
        CacheControl="max-age=60",
        ContentDisposition='attachment; filename="a.jpg"',
        Metadata={"focus": "0.1,0.2"},
        Tagging="album=summer%20sun&year=2026",
        StorageClass="STANDARD_IA",
    )
    return PackedJpeg(made["ETag"].strip('"'), len(data), "0" * 64, made["VersionId"])


def test_the_packed_object_has_the_attributes_of_the_jpeg(archive: Archive) -> None:
    store, s3, bucket = archive
    packs = stored(archive, b"jpeg")
    found = store.find(KEY)
    assert found is not None
    assert (found.version_id, found.etag) == (packs.version_id, packs.etag)
    assert store.read(KEY, found) == b"jpeg"

    assert store.replace(KEY, found, b"packed", packs)

    now = s3.get_object(Bucket=bucket, Key=KEY)
    assert (now["Body"].read(), now["ContentType"]) == (b"packed", "image/jxl")
    assert now["CacheControl"] == "max-age=60"
    assert now["ContentDisposition"] == 'attachment; filename="a.jpg"'
    assert now["Metadata"] == {"focus": "0.1,0.2", "imagemill-jpeg": str(packs)}
    assert now["StorageClass"] == "STANDARD_IA"
    tags = s3.get_object_tagging(Bucket=bucket, Key=KEY)["TagSet"]
    assert {one["Key"]: one["Value"] for one in tags} == {"album": "summer sun", "year": "2026"}


def test_only_the_bytes_that_were_packed_are_replaced(archive: Archive) -> None:
    store, s3, bucket = archive
    packs = stored(archive, b"jpeg")
    found = store.find(KEY)
    assert found is not None
    stored(archive, b"newer")

    assert not store.replace(KEY, found, b"packed", packs)

    assert s3.get_object(Bucket=bucket, Key=KEY)["Body"].read() == b"newer"
    s3.delete_object(Bucket=bucket, Key=KEY)
    assert not store.replace(KEY, found, b"packed", packs)
    assert store.find(KEY) is None


def test_the_replaced_version_is_deleted_for_good(archive: Archive) -> None:
    store, s3, bucket = archive
    packs = stored(archive, b"jpeg")
    found = store.find(KEY)
    assert found is not None
    store.replace(KEY, found, b"packed", packs)

    assert store.delete_version(KEY, packs.version_id)

    versions = s3.list_object_versions(Bucket=bucket, Prefix=KEY)["Versions"]
    assert [one["Size"] for one in versions] == [len(b"packed")]
    assert store.read(KEY, found) is None
