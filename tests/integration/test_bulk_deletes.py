"""Very many deleted by a few requests, while the work on them is under way.

BULK=2500 makes it thousands, which takes minutes.
"""

import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

from fakes.images import jpeg
from live.stack import TIMEOUT_S, Stack

from imagemill.domain.keys import image_id

IMAGES = int(os.environ.get("BULK", "250"))
AT_ONCE = 8
MOST_IN_A_REQUEST = 1_000
"""As S3 has it."""


def test_a_bulk_delete_leaves_tombstones_and_nothing_else(stack: Stack) -> None:
    folder = secrets.token_hex(6)
    keys = [f"{folder}/{number}.jpg" for number in range(IMAGES)]
    data = jpeg(24, 16)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda key: stack.put(key, data), keys))

    for start in range(0, IMAGES, MOST_IN_A_REQUEST):
        some = keys[start : start + MOST_IN_A_REQUEST]
        stack.s3.delete_objects(
            Bucket=stack.address.originals_bucket,
            Delete={"Objects": [{"Key": key} for key in some], "Quiet": True},
        )

    assert set(statuses_in_the_end(stack, keys)) == {"deleted"}
    assert stack.wait_until_removed(".jpg", f"500/{folder}/")


def statuses_in_the_end(stack: Stack, keys: list[str]) -> list[str]:
    """Return the records' states once all are tombstones, or nothing has moved for long."""
    ids = [image_id(key) for key in keys]
    found: list[str] = []
    moved_at = time.monotonic()
    while time.monotonic() < moved_at + TIMEOUT_S and found.count("deleted") < len(keys):
        time.sleep(0.5)
        records = stack.records.get_many(ids)
        before, found = found, [records[one].status if one in records else "none" for one in ids]
        moved_at = moved_at if found == before else time.monotonic()
    return found
