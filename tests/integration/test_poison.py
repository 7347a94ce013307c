"""Poison: images that kill or hang whoever renders them, among images that do not.

No image is known to do so. So a hand from outside does it to whichever renderer takes as much
memory as only the largest image needs.
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
from imagemill.operations.dead_letters import failures, redrive

NEIGHBOURS = 12
MUCH_KIB = 130_000
"""More than a neighbour's renderer has, with all that it shares; the poison's has twice as much."""


@pytest.fixture(scope="module")
def poison() -> bytes:
    """Draw an image of 200 MB once it is unpacked, which takes most of a second."""
    drawn = io.BytesIO()
    Image.new("RGB", (8_000, 8_000), (200, 30, 40)).save(drawn, "PNG", compress_level=1)
    return drawn.getvalue()


def test_what_kills_its_renderer_is_alone_among_the_dead_letters(
    short_retry_stack: Stack, poison: bytes
) -> None:
    killer = f"{secrets.token_hex(4)}.png"
    letters = DeadLetterQueue(
        short_retry_stack.sqs,
        short_retry_stack.address.dead_letter_queue_url,
        short_retry_stack.address.queue_url,
    )

    with large_renderers_meet(signal.SIGKILL, often=99):
        put_among_neighbours(short_retry_stack, killer, poison)
        neighbours = [
            short_retry_stack.wait_until_final(f"{killer}/{n}.jpg") for n in range(NEIGHBOURS)
        ]
        dead = awaited(letters, short_retry_stack)

    record = short_retry_stack.wait_for_status(killer, "failed")
    sent = [failure.key for failure in redrive(letters, short_retry_stack.records, lambda _: True)]
    assert short_retry_stack.wait_for_status(killer, "ready").attempts < record.attempts
    assert sent == [killer]
    assert {record.status for record in neighbours} == {"ready"}
    assert dead == [killer]
    assert record.error is not None
    assert (record.error.code, record.attempts) == ("crashed", 4)


def test_what_hangs_is_ended_in_time_and_may_try_again(
    short_retry_stack: Stack, poison: bytes
) -> None:
    sleeper = f"{secrets.token_hex(4)}.png"
    await_silence(short_retry_stack)
    with large_renderers_meet(signal.SIGSTOP, often=1) as met:
        put_among_neighbours(short_retry_stack, sleeper, poison)
        neighbours = [
            short_retry_stack.wait_until_final(f"{sleeper}/{n}.jpg") for n in range(NEIGHBOURS)
        ]
        record = short_retry_stack.wait_until_final(sleeper)

    assert len(met) == 1
    assert ended(met[0])
    assert {one.status for one in [record, *neighbours]} == {"ready"}
    assert max(one.attempts for one in [record, *neighbours]) > 1


def put_among_neighbours(stack: Stack, key: str, data: bytes) -> None:
    for number in range(NEIGHBOURS):
        stack.put(f"{key}/{number}.jpg", jpeg(60, 40))
        if number == NEIGHBOURS // 2:
            stack.put(key, data)


@contextmanager
def large_renderers_meet(what: signal.Signals, often: int) -> Iterator[list[int]]:
    """Send a signal to renderers that take much memory, up to so many; yield those that got it."""
    met: list[int] = []
    over = threading.Event()

    def run() -> None:
        while not over.wait(0.02):
            large = [pid for pid in processes(above_kib=MUCH_KIB)[1] if pid not in met]
            for pid in large[: often - len(met)]:
                with suppress(ProcessLookupError):
                    os.kill(pid, what)
                    met.append(pid)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield met
    finally:
        over.set()
        thread.join()


def await_silence(stack: Stack) -> None:
    """Wait until nobody works on what came before."""
    deadline = time.monotonic() + TIMEOUT_S
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    while time.monotonic() < deadline:
        asked = stack.sqs.get_queue_attributes(
            QueueUrl=stack.address.queue_url,
            AttributeNames=names,  # type: ignore[arg-type]  # names it takes
        )
        if not processes()[1] and set(asked["Attributes"].values()) == {"0"}:
            return
        time.sleep(0.1)


def ended(renderer: int) -> bool:
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if renderer not in processes()[1]:
            return True
        time.sleep(0.1)
    return False


def awaited(letters: DeadLetterQueue, stack: Stack) -> list[str]:
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if found := failures(letters, stack.records):
            return [failure.key for failure in found]
        time.sleep(0.5)
    return []
