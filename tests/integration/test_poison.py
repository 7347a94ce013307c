"""Images that crash or hang their renderer, between images that do not.

No such image is known. So the test sends a signal to the renderer that uses as much memory as only
the large image needs.
"""

import io
import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from fakes.images import jpeg
from live.processes import processes
from live.stack import TIMEOUT_S, Stack
from PIL import Image

from imagemill.aws.queues import DeadLetterQueue
from imagemill.domain.record import ImageRecord
from imagemill.operations.dead_letters import failures, redrive

NEIGHBOURS = 6
TRIES = 5
# Resident memory, shared pages included: more than a small image needs, half of the large one.
LARGE_KIB = 130_000


@pytest.fixture(scope="module")
def poison() -> bytes:
    """Return an image of 256 MB when decoded, which takes half a second.

    A WebP with transparency is decoded as a whole; PNG and JPEG are not.
    """
    file = io.BytesIO()
    image = Image.new("RGBA", (8_000, 8_000), (200, 30, 40, 128))
    image.save(file, "WEBP", lossless=True, method=0, quality=0)
    return file.getvalue()


def test_only_the_image_that_crashes_its_renderer_becomes_a_dead_letter(
    short_retry_stack: Stack, poison: bytes
) -> None:
    large = f"{secrets.token_hex(4)}.webp"
    dead_letters = DeadLetterQueue(
        short_retry_stack.sqs,
        short_retry_stack.address.dead_letter_queue_url,
        short_retry_stack.address.queue_url,
    )

    with signal_large_renderers(signal.SIGKILL, most=99):
        put_among_neighbours(short_retry_stack, large, poison)
        neighbours = [
            short_retry_stack.wait_until_final(f"{large}/{n}.jpg") for n in range(NEIGHBOURS)
        ]
        dead = wait_for_letters(dead_letters, short_retry_stack)

    record = short_retry_stack.wait_for_status(large, "failed")
    sent = [
        failure.key for failure in redrive(dead_letters, short_retry_stack.records, lambda _: True)
    ]
    assert short_retry_stack.wait_for_status(large, "ready").attempts < record.attempts
    assert sent == [large]
    assert {record.status for record in neighbours} == {"ready"}
    assert dead == [large]
    assert record.error is not None
    assert (record.error.code, record.attempts) == ("crashed", 4)


def test_a_hanging_renderer_is_killed_and_its_image_retried(
    short_retry_stack: Stack, poison: bytes
) -> None:
    for _ in range(TRIES):
        records = hang_a_renderer(short_retry_stack, poison)
        assert {one.status for one in records} == {"ready"}
        # A renderer that has just answered for its last image is replaced without a retry.
        if any(one.attempts > 1 for one in records):
            return
    pytest.fail(f"no image was retried in {TRIES} tries")


def hang_a_renderer(stack: Stack, poison: bytes) -> list[ImageRecord]:
    """Stop the renderer of a large image, wait until it is killed; return all final records."""
    large = f"{secrets.token_hex(4)}.webp"
    wait_until_idle(stack)
    with signal_large_renderers(signal.SIGSTOP, most=1) as signalled:
        put_among_neighbours(stack, large, poison)
        neighbours = [stack.wait_until_final(f"{large}/{n}.jpg") for n in range(NEIGHBOURS)]
        record = stack.wait_until_final(large)
    assert len(signalled) == 1
    assert has_ended(signalled[0])
    return [record, *neighbours]


def put_among_neighbours(stack: Stack, key: str, data: bytes) -> None:
    for number in range(NEIGHBOURS):
        stack.put(f"{key}/{number}.jpg", jpeg(60, 40))
        if number == NEIGHBOURS // 2:
            stack.put(key, data)


@contextmanager
def signal_large_renderers(number: signal.Signals, most: int) -> Iterator[list[int]]:
    """Send a signal to up to `most` renderers that use much memory; yield their process ids."""
    signalled: list[int] = []
    over = threading.Event()

    def run() -> None:
        while not over.wait(0.02):
            large = [pid for pid in processes(above_kib=LARGE_KIB)[1] if pid not in signalled]
            for pid in large[: most - len(signalled)]:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
                    signalled.append(pid)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield signalled
    finally:
        over.set()
        thread.join()


def wait_until_idle(stack: Stack) -> None:
    """Wait until the queue is empty."""
    deadline = time.monotonic() + TIMEOUT_S
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    while time.monotonic() < deadline:
        found = stack.sqs.get_queue_attributes(
            QueueUrl=stack.address.queue_url,
            AttributeNames=names,  # type: ignore[arg-type]  # literals of the stubs
        )
        if set(found["Attributes"].values()) == {"0"}:
            return
        time.sleep(0.1)


def has_ended(renderer: int) -> bool:
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if renderer not in processes()[1]:
            return True
        time.sleep(0.1)
    return False


def wait_for_letters(dead_letters: DeadLetterQueue, stack: Stack) -> list[str]:
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if found := failures(dead_letters, stack.records):
            return [failure.key for failure in found]
        time.sleep(0.5)
    return []
