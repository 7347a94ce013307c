"""An existing bucket without versions: its notifications, a prefix, suffixes and unusual keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fakes.images import jpeg
from live.existing_bucket import notifications_of, queue_of_others, run, stack_beside_others
from live.stack import Stack, attempts

from imagemill.domain.keys import image_id
from imagemill.domain.record import ImageRecord

BUCKET = "flat-photos"
SMALL = jpeg(120, 90)
# The longest key has 1,024 bytes.
OLD = [
    *("in/a b+c%20d.jpg", "in/ü 日本.JPG", "in/new\nline.jpg", "in/../up.jpg", "in/a/../b.jpg"),
    *("in//double.jpg", "in/'quotes\".jpg", f"in/{'x' * 1017}.jpg"),
]
LEFT_OUT = ["in/", "in/notes.txt", "in/a.jpg.xmp", "out/a.jpg"]


@dataclass(frozen=True)
class FlatBucket:
    """A bucket without versions that a stack has adopted."""

    stack: Stack
    notifications: dict[str, Any]
    """The notifications before the adoption."""
    objects: set[tuple[str, str, str]]
    """The objects before the adoption."""

    def notifications_now(self) -> dict[str, Any]:
        return notifications_of(self.stack.s3, BUCKET)

    def statuses(self, keys: list[str]) -> list[str | None]:
        """Return the status of each record, None without one."""
        records = [self.stack.records.get(image_id(key)) for key in keys]
        return [record.status if record else None for record in records]


def objects_of(s3: Any) -> set[tuple[str, str, str]]:  # noqa: ANN401  # any client of S3
    """Return key, ETag and time of everything in the bucket."""
    found = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    return {(one["Key"], one["ETag"], str(one["LastModified"])) for one in found}


def fill(stack: Stack) -> None:
    """Make the bucket, with objects and with notifications of others for other keys."""
    stack.s3.create_bucket(Bucket=BUCKET)
    arn = queue_of_others(stack)
    rules: Any = [
        {
            "Id": name,
            "QueueArn": arn,
            "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": [{"Name": name, "Value": value}]}},
        }
        for name, value in (("prefix", "logs/"), ("suffix", ".csv"))
    ]
    stack.s3.put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": rules}
    )
    for key in [*OLD, *LEFT_OUT]:
        put(stack, key, SMALL)


def put(stack: Stack, key: str, data: bytes) -> str:
    """Store an object without a version, and return its ETag as records have it."""
    etag: str = stack.s3.put_object(Bucket=BUCKET, Key=key, Body=data)["ETag"]
    return etag.strip('"')


def wait_for(stack: Stack, key: str, etag: str) -> ImageRecord:
    """Return the record once these bytes are ready."""
    record = None
    for _ in attempts():
        record = stack.records.get(image_id(key))
        if record and (record.etag, record.status) == (etag, "ready"):
            return record
    raise AssertionError(f"{key} did not become ready; its record is {record}")


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlatBucket]:
    folder = tmp_path_factory.mktemp("flat")
    parameters = {
        "OriginalsBucketName": BUCKET,
        "OriginalsPrefix": "in/",
        "OriginalsSuffixes": ".jpg, .JPG",
    }
    with stack_beside_others(folder, parameters, fill) as (stack, _):
        before = notifications_of(stack.s3, BUCKET), objects_of(stack.s3)
        assert "the bucket keeps no versions" in run("adopt", BUCKET, "--yes")
        run("backfill")
        yield FlatBucket(stack, *before)


def test_the_objects_of_the_filter_are_processed_and_no_object_is_changed(flat: FlatBucket) -> None:
    assert flat.statuses(OLD) == ["ready"] * len(OLD)
    assert flat.statuses(LEFT_OUT) == [None] * len(LEFT_OUT)
    assert objects_of(flat.stack.s3) == flat.objects


def test_an_object_is_processed_when_it_is_new_and_again_when_it_is_overwritten(
    flat: FlatBucket,
) -> None:
    key = "in/new + é.jpg"

    first = wait_for(flat.stack, key, put(flat.stack, key, SMALL))
    second = wait_for(flat.stack, key, put(flat.stack, key, jpeg(60, 90)))

    sides = [(one.original.width, one.original.height) for one in (first, second) if one.original]
    assert sides == [(120, 90), (60, 90)]


def test_a_deleted_object_has_no_rendition(flat: FlatBucket) -> None:
    key = "in/short-lived.jpg"
    made = wait_for(flat.stack, key, put(flat.stack, key, SMALL))

    flat.stack.s3.delete_object(Bucket=BUCKET, Key=key)

    gone = flat.stack.wait_for_status(key, "deleted")
    assert made.renditions
    assert not gone.renditions


def test_the_notifications_of_others_stay_and_the_undoing_leaves_them_alone(
    flat: FlatBucket,
) -> None:
    theirs = flat.notifications["QueueConfigurations"]

    adopted = flat.notifications_now()["QueueConfigurations"]
    run("adopt", BUCKET, "--undo", "--yes")
    undone = flat.notifications_now()
    run("adopt", BUCKET, "--yes")

    ours = [one for one in adopted if one not in theirs]
    assert [one["Id"] for one in ours] == ["imagemill:imagemill:1", "imagemill:imagemill:2"]
    assert len(adopted) == len(theirs) + 2
    assert undone == flat.notifications
