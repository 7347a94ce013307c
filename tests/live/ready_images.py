"""Ready images written directly to the bucket and the table, without the pipeline."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fakes.images import encoded

from imagemill.domain.keys import filename_of, image_id
from imagemill.domain.record import ImageRecord, Original, StoredRendition
from live.stack import Stack

_RATIOS = ((300, 200), (200, 300), (300, 300), (400, 170), (240, 320))
# ThumbHash of a photo of a sunset.
_HASH = "1QcSHQRnh493V4dIh4eXh1h4kJUI"


@contextmanager
def ready_images(stack: Stack, count: int, prefix: str) -> Iterator[list[ImageRecord]]:
    """Store `count` ready images, newer than all others, and delete them at the end."""
    records = [_record(f"{prefix}/{number:03}.png", number) for number in range(count)]
    files = {size: encoded(*size, "PNG") for size in _RATIOS}

    def store(record: ImageRecord) -> None:
        made = record.renditions["500"]
        stack.s3.put_object(
            Bucket=stack.address.processed_bucket,
            Key=made.key,
            Body=files[made.width, made.height],
            ContentType="image/png",
        )
        stack.records.put(record)

    def delete(record: ImageRecord) -> None:
        stack.records.put(replace(record, status="deleted", revision=2))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(store, records))
        yield records
        list(pool.map(delete, records))


def _record(key: str, number: int) -> ImageRecord:
    width, height = _RATIOS[number % len(_RATIOS)]
    made = StoredRendition(f"500/{key}", 900, width, height, "png")
    now = datetime.now(UTC) + timedelta(milliseconds=number)
    uploaded_at = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return ImageRecord(
        id=image_id(key),
        key=key,
        filename=filename_of(key),
        status="ready",
        sequencer="01",
        uploaded_at=uploaded_at,
        version_id="v",
        etag="e",
        original=Original(90_000, 10 * width, 10 * height, "png", 1),
        renditions={"500": made},
        recipe="0123456789abcdef",
        placeholder=_HASH,
        colour="#aabbcc",
        attempts=1,
        processed_at=uploaded_at,
        processing_ms=100 + number,
    )
