"""Bulk deletion of originals while they are being processed.

BULK is the number of originals (40); 2500 take minutes.
"""

import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

from fakes.images import jpeg
from live.stack import TIMEOUT_S, Stack

from imagemill.domain.keys import image_id

ORIGINALS = int(os.environ.get("BULK", "40"))
AT_ONCE = 8
# Limit of S3's DeleteObjects.
MOST_IN_A_REQUEST = 1_000


def test_a_bulk_delete_leaves_tombstones_and_nothing_else(stack: Stack) -> None:
    folder = secrets.token_hex(6)
    keys = [f"{folder}/{number}.jpg" for number in range(ORIGINALS)]
    data = jpeg(24, 16)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda key: stack.put(key, data), keys))

    for start in range(0, ORIGINALS, MOST_IN_A_REQUEST):
        some = keys[start : start + MOST_IN_A_REQUEST]
        stack.s3.delete_objects(
            Bucket=stack.address.originals_bucket,
            Delete={"Objects": [{"Key": key} for key in some], "Quiet": True},
        )

    assert set(final_statuses(stack, keys)) == {"deleted"}
    assert stack.wait_until_removed(".jpg", f"500/{folder}/")


def final_statuses(stack: Stack, keys: list[str]) -> list[str]:
    """Return the statuses once all are `deleted` or none has changed for TIMEOUT_S."""
    ids = [image_id(key) for key in keys]
    found: list[str] = []
    moved_at = time.monotonic()
    while time.monotonic() < moved_at + TIMEOUT_S and found.count("deleted") < len(keys):
        time.sleep(0.5)
        records = stack.records.get_many(ids)
        before, found = found, [records[one].status if one in records else "none" for one in ids]
        moved_at = moved_at if found == before else time.monotonic()
    return found
