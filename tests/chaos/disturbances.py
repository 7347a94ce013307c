"""Load and disturbances: users of the bucket, a disturber of the queue, a killer of processes."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from chaos.user_actions import Action, ActionSequence
from live.processes import processes

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sqs.client import SQSClient

# Copies sent of a received message; one of these numbers is chosen at random.
_COPIES = (1, 1, 1, 2, 3)
_DELAYS_S = (0, 0, 0, 1, 3, 6)
# Share of messages that are sent again later.
_SAVED = 0.1
# How often the process table is read to find a renderer, which runs only for a moment.
_ATTEMPTS = 5


class Users:
    """Put, overwrite, delete and restore originals; only one thread at a time may use a key."""

    def __init__(self, s3: "S3Client", bucket: str, contents: Sequence[bytes]) -> None:
        self.done: Counter[Action] = Counter()
        self._s3 = s3
        self._bucket = bucket
        self._contents = contents
        self._last: dict[str, bytes] = {}

    @property
    def keys(self) -> set[str]:
        """All keys put so far."""
        return set(self._last)

    def do(self, sequence: ActionSequence) -> None:
        """Run the actions of a sequence without a pause."""
        first, other = (self._contents[number] for number in sequence.contents)
        for action in sequence.actions:
            match action:
                case Action.CREATE:
                    self._put(sequence.key, first)
                case Action.OVERWRITE:
                    self._put(sequence.key, first if self._last[sequence.key] == other else other)
                case Action.PUT_SAME:
                    self._put(sequence.key, self._last[sequence.key])
                case Action.DELETE:
                    self._s3.delete_object(Bucket=self._bucket, Key=sequence.key)
                case _:
                    self._delete_versions(sequence.key, action)
            self.done[action] += 1

    def _put(self, key: str, data: bytes) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=data)
        self._last[key] = data

    def _delete_versions(self, key: str, action: Action) -> None:
        """Delete all versions and markers, or the newest one if it is of the action's kind."""
        listed = self._s3.list_object_versions(Bucket=self._bucket, Prefix=key)
        markers = {m["VersionId"]: m["IsLatest"] for m in listed.get("DeleteMarkers", [])}
        versions = {v["VersionId"]: v["IsLatest"] for v in listed.get("Versions", [])}
        if action is Action.DELETE_ALL_VERSIONS:
            wanted = [*markers, *versions]
        else:
            candidates = markers if action is Action.UNDELETE else versions
            wanted = [version for version, is_latest in candidates.items() if is_latest]
        for version in wanted:
            self._s3.delete_object(Bucket=self._bucket, Key=key, VersionId=version)


class QueueDisturber:
    """Replaces messages of the queue by copies: duplicated, delayed, and repeated much later."""

    def __init__(self, sqs: "SQSClient", queue_url: str, random: Random) -> None:
        self.received = self.sent = 0
        self._sqs = sqs
        self._queue_url = queue_url
        self._random = random
        self._own_ids: set[str] = set()
        self._saved: list[str] = []

    def disturb(self) -> None:
        """Replace up to three messages by copies, and send one old message again."""
        found = self._sqs.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=3, VisibilityTimeout=30
        )
        for message in found.get("Messages", []):
            copies = 1 if message["MessageId"] in self._own_ids else self._random.choice(_COPIES)
            for _ in range(copies):
                self._send(message["Body"], self._random.choice(_DELAYS_S))
            self._sqs.delete_message(
                QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"]
            )
            self.received += 1
            if self._random.random() < _SAVED:
                self._saved.append(message["Body"])
        if self._saved:
            self._send(self._random.choice(self._saved), 0)

    def resend_all(self) -> None:
        """Send every saved message once more."""
        for body in self._saved:
            self._send(body, 0)

    def _send(self, body: str, delay_s: int) -> None:
        sent = self._sqs.send_message(
            QueueUrl=self._queue_url, MessageBody=body, DelaySeconds=delay_s
        )
        self._own_ids.add(sent["MessageId"])
        self.sent += 1


class ProcessKiller:
    """Sends SIGKILL to the functions' processes and to their rendering child processes."""

    def __init__(self, random: Random) -> None:
        self.workers = self.renderers = 0
        self._random = random

    def kill_worker(self) -> None:
        """Kill a function's process in the middle of its batch."""
        workers, _ = processes()
        if workers:
            self.workers += _killed(self._random.choice(workers))

    def kill_renderer(self) -> None:
        """Kill a worker that renders or waits for an image, if there is one."""
        for _ in range(_ATTEMPTS):
            _, renderers = processes()
            if renderers:
                self.renderers += _killed(self._random.choice(renderers))
                return


@contextmanager
def repeat_at_random(
    task: Callable[[], None], random: Random, longest_pause_s: float, held: threading.Event
) -> Iterator[None]:
    """Run a task in a thread, with random pauses, except while `held` is set.

    Errors of AWS are ignored: the task meets the restart of the embedded AWS, too.
    """
    over = threading.Event()

    def run() -> None:
        while not over.wait(random.uniform(longest_pause_s / 10, longest_pause_s)):
            if held.is_set():
                continue
            try:
                task()
            except (BotoCoreError, ClientError):
                continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _killed(pid: int) -> int:
    """Kill a process; return 1, or 0 if it had already ended."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1
