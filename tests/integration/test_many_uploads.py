"""Many concurrent uploads through the API.

UPLOADS is the number of images (60).
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
from fakes.images import jpeg
from live.stack import TIMEOUT_S, Stack

from imagemill.domain.record import FINAL, ImageRecord
from imagemill.local.address import Address

UPLOADS = int(os.environ.get("UPLOADS", "60"))
AT_ONCE = 8


def upload(client: httpx.Client, number: int, data: bytes) -> str:
    """Post an image; after a 429, wait as long as Retry-After says and try again."""
    while True:
        answer = client.post(
            "/images",
            params={"filename": f"{number}.jpg"},
            content=data,
            headers={"content-type": "image/jpeg"},
        )
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            return str(answer.raise_for_status().json()["id"])
        time.sleep(float(answer.headers["retry-after"]))


def wait_until_all_final(stack: Stack, ids: list[str]) -> dict[str, ImageRecord]:
    """Return the final records, once all are final or none has become final for TIMEOUT_S."""
    moved_at = time.monotonic()
    records: dict[str, ImageRecord] = {}
    while time.monotonic() < moved_at + TIMEOUT_S and len(records) < len(ids):
        found = stack.records.get_many([one for one in ids if one not in records])
        more = {image: one for image, one in found.items() if one.status in FINAL}
        moved_at = time.monotonic() if more else moved_at
        records |= more
        time.sleep(0.2)
    return records


def test_none_of_many_concurrent_uploads_is_lost(address: Address, stack: Stack) -> None:
    headers = {"x-api-key": address.api_key}
    limits = httpx.Limits(max_connections=AT_ONCE)
    data = jpeg(24, 16)

    with (
        httpx.Client(
            base_url=address.api_url, headers=headers, timeout=TIMEOUT_S, limits=limits
        ) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        ids = list(pool.map(lambda number: upload(client, number, data), range(UPLOADS)))

    records = wait_until_all_final(stack, ids)
    assert len(set(ids)) == UPLOADS
    assert {record.status for record in records.values()} == {"ready"}
    assert {record.filename for record in records.values()} == {f"{n}.jpg" for n in range(UPLOADS)}
