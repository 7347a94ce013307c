"""Originals put into the bucket, and their records and renditions."""

import gzip
import io
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from fakes.events import notification
from fakes.images import encoded, jpeg, png
from live.stack import Stack
from PIL import Image

from imagemill.domain.keys import image_id, rendition_key

# Images that are uploaded at once.
MIXED = 64
ODD_KEYS = [
    "holiday 2026/été+sun (1).JPG",
    "100%/a&b=c?d#e.jpg",
    "日本/🦊.jpeg",
    "no-extension",
    "a//b/../c.jpg",
    "<img onerror=x>.jpg",
]


@pytest.fixture
def folder() -> str:
    """Return a unique key prefix."""
    return secrets.token_hex(6)


@pytest.mark.parametrize("name", ODD_KEYS)
def test_a_rotated_photo_under_any_key_gets_an_upright_rendition_and_a_record(
    stack: Stack, folder: str, name: str
) -> None:
    key = f"{folder}/{name}"
    data = jpeg(1200, 800, orientation=6)

    version_id = stack.put(key, data)

    record = stack.wait_until_final(key)
    made = record.renditions["500"]
    rendition = Image.open(io.BytesIO(stack.rendition(made.key)))
    assert (record.status, record.key, record.version_id) == ("ready", key, version_id)
    assert record.original is not None
    assert (record.original.width, record.original.height) == (800, 1200)
    assert record.original.bytes == len(data)
    assert (made.key, made.width, made.height) == (rendition_key("500", key), 333, 500)
    assert (rendition.size, rendition.format, dict(rendition.getexif())) == ((333, 500), "JPEG", {})


def test_an_original_with_gzip_content_encoding_is_decompressed(stack: Stack, folder: str) -> None:
    data = jpeg(1200, 800)
    stack.s3.put_object(
        Bucket=stack.address.originals_bucket,
        Key=f"{folder}/a.jpg",
        Body=gzip.compress(data),
        ContentEncoding="gzip",
    )

    record = stack.wait_until_final(f"{folder}/a.jpg")

    assert record.status == "ready"
    assert record.original is not None
    assert record.original.bytes == len(data)


def test_a_folder_marker_gets_no_record(stack: Stack, folder: str) -> None:
    stack.put(f"{folder}/", b"")
    stack.put(f"{folder}/a.txt", b"words")

    stack.wait_until_final(f"{folder}/a.txt")

    assert stack.records.get(image_id(f"{folder}/")) is None


def test_every_preset_of_the_recipe_is_rendered(stack: Stack, folder: str) -> None:
    key = f"{folder}/a.png"

    stack.put(key, png(640, 480))

    record = stack.wait_until_final(key)
    sizes = {
        name: (made.width, made.height, made.format) for name, made in record.renditions.items()
    }
    assert sizes == {"500": (500, 375, "png"), "thumb": (100, 100, "webp")}
    assert stack.rendition_keys(key) == {f"500/{key}", f"thumb/{key}"}


def test_a_rendition_has_a_content_type_and_a_file_name(stack: Stack, folder: str) -> None:
    key = f"{folder}/été.png"
    stack.put(key, png(640, 480))
    made = stack.wait_until_final(key).renditions["thumb"]

    head = stack.s3.head_object(Bucket=stack.address.processed_bucket, Key=made.key)

    assert head["ContentType"] == "image/webp"
    assert "filename*=UTF-8''%C3%A9t%C3%A9.webp" in head["ContentDisposition"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"just some words in a text file", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_format"),
        (png()[:20], "corrupt"),
    ],
)
def test_a_file_that_is_not_an_image_is_rejected_with_its_code(
    stack: Stack, folder: str, data: bytes, code: str
) -> None:
    key = f"{folder}/a.jpg"

    stack.put(key, data)

    record = stack.wait_until_final(key)
    assert record.status == "rejected"
    assert record.error is not None
    assert record.error.code == code
    assert stack.rendition_keys(key) == set()


def test_the_final_record_describes_the_last_overwrite(stack: Stack, folder: str) -> None:
    key = f"{folder}/a.jpg"
    stack.put(key, jpeg(900, 600))
    stack.put(key, b"no image at all")

    last = stack.put(key, png(200, 100))

    record = stack.wait_until_final(key, last)
    assert (record.renditions["500"].width, record.renditions["500"].format) == (200, "png")
    assert stack.rendition_keys(key) == {f"500/{key}", f"thumb/{key}"}


def test_deleting_removes_renditions_and_undeleting_restores_them(
    stack: Stack, folder: str
) -> None:
    key = f"{folder}/a.jpg"
    bucket = stack.address.originals_bucket
    stack.put(key, jpeg(900, 600))
    stack.wait_until_final(key)

    marker = stack.s3.delete_object(Bucket=bucket, Key=key)["VersionId"]
    tombstone = stack.wait_for_status(key, "deleted")
    is_removed = stack.wait_until_removed(key)
    stack.s3.delete_object(Bucket=bucket, Key=key, VersionId=marker)
    restored = stack.wait_for_status(key, "ready")

    assert (tombstone.renditions, is_removed) == ({}, True)
    assert stack.rendition_keys(key) == {made.key for made in restored.renditions.values()}


def test_deleting_every_version_deletes_the_image(stack: Stack, folder: str) -> None:
    key = f"{folder}/a.jpg"
    version_id = stack.put(key, jpeg(900, 600))
    stack.wait_until_final(key)

    stack.s3.delete_object(Bucket=stack.address.originals_bucket, Key=key, VersionId=version_id)

    assert stack.wait_for_status(key, "deleted").original is None
    assert stack.wait_until_removed(key)


def test_an_archived_original_fails_at_once_and_is_processed_when_it_is_restored(
    stack: Stack, folder: str
) -> None:
    key, bucket = f"{folder}/a.jpg", stack.address.originals_bucket
    stack.s3.put_object(Bucket=bucket, Key=key, Body=jpeg(1200, 800), StorageClass="GLACIER")
    archived = stack.wait_until_final(key)

    stack.s3.restore_object(Bucket=bucket, Key=key, RestoreRequest={"Days": 1})

    restored = stack.wait_for_status(key, "ready")
    assert archived.error is not None
    assert (archived.error.code, archived.attempts) == ("original_archived", 1)
    assert set(restored.renditions) == {"500", "thumb"}


def test_a_malformed_message_does_not_delay_its_neighbours(stack: Stack, folder: str) -> None:
    keys = [f"{folder}/{n}.jpg" for n in range(4)]
    url = stack.address.queue_url

    stack.sqs.send_message(QueueUrl=url, MessageBody="not a notification")
    for key in keys:
        stack.put(key, jpeg(90, 60))

    statuses = {stack.wait_until_final(key).status for key in keys}
    attempts = {stack.wait_until_final(key).attempts for key in keys}
    assert (statuses, attempts) == ({"ready"}, {1})


def test_every_record_of_a_message_is_handled(stack: Stack, folder: str) -> None:
    keys = [f"{folder}/gone-{n}.jpg" for n in range(2)]
    bucket = stack.address.originals_bucket

    stack.sqs.send_message(
        QueueUrl=stack.address.queue_url,
        MessageBody=notification("ObjectRemoved:DeleteMarkerCreated", *keys, bucket=bucket),
    )

    assert [stack.wait_for_status(key, "deleted").key for key in keys] == keys


def test_many_mixed_files_at_once_all_reach_a_final_status(stack: Stack, folder: str) -> None:
    kinds = [
        jpeg(800, 600, orientation=3),
        png(300, 700),
        encoded(640, 480, "WEBP"),
        encoded(64, 64, "GIF"),
        encoded(320, 200, "TIFF"),
        encoded(33, 77, "BMP"),
        b"words",
        b"",
    ]
    files = {f"{folder}/{n}": kinds[n % len(kinds)] for n in range(MIXED)}

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(stack.put, files, files.values()))

    statuses = {key: stack.wait_until_final(key).status for key in files}
    rejected = [key for key, status in statuses.items() if status == "rejected"]
    assert sorted(set(statuses.values())) == ["ready", "rejected"]
    assert sorted(rejected) == sorted(key for key, data in files.items() if len(data) < 10)
    assert len({image_id(key) for key in files}) == MIXED
