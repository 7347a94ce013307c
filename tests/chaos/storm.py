"""The storm: users who do their deeds, a postman who cannot be trusted, and a killer."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from chaos.plan import Act, Deed
from live.processes import processes

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sqs.client import SQSClient

_COPIES = (1, 1, 1, 2, 3)
_DELAYS_S = (0, 0, 0, 1, 3, 6)
_KEPT = 0.1
_LOOKS = 5


class Users:
    """Those who put, overwrite, delete and restore; one file is one user's at a time."""

    def __init__(self, s3: "S3Client", bucket: str, contents: Sequence[bytes]) -> None:
        self.done: Counter[Act] = Counter()
        self._s3 = s3
        self._bucket = bucket
        self._contents = contents
        self._last: dict[str, bytes] = {}

    @property
    def keys(self) -> set[str]:
        """Every key that was put so far."""
        return set(self._last)

    def do(self, deed: Deed) -> None:
        """Do all acts of a deed, one right after the other."""
        first, other = (self._contents[number] for number in deed.contents)
        for act in deed.acts:
            match act:
                case Act.AFRESH:
                    self._put(deed.key, first)
                case Act.OTHER:
                    self._put(deed.key, first if self._last[deed.key] == other else other)
                case Act.SAME:
                    self._put(deed.key, self._last[deed.key])
                case Act.HIDE:
                    self._s3.delete_object(Bucket=self._bucket, Key=deed.key)
                case _:
                    self._erase(deed.key, act)
            self.done[act] += 1

    def _put(self, key: str, data: bytes) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=data)
        self._last[key] = data

    def _erase(self, key: str, act: Act) -> None:
        """Erase versions, newest first: all of them, or the one on top if the act fits it."""
        listed = self._s3.list_object_versions(Bucket=self._bucket, Prefix=key)
        markers = {m["VersionId"]: m["IsLatest"] for m in listed.get("DeleteMarkers", [])}
        versions = {v["VersionId"]: v["IsLatest"] for v in listed.get("Versions", [])}
        if act is Act.EXTINGUISH:
            wanted = [*markers, *versions]
        else:
            on_top = markers if act is Act.UNHIDE else versions
            wanted = [version for version, is_latest in on_top.items() if is_latest]
        for version in wanted:
            self._s3.delete_object(Bucket=self._bucket, Key=key, VersionId=version)


class Postman:
    """Takes messages from the queue and brings them twice, late, and again when long forgotten."""

    def __init__(self, sqs: "SQSClient", queue_url: str, random: Random) -> None:
        self.taken = self.brought = 0
        self._sqs = sqs
        self._queue_url = queue_url
        self._random = random
        self._own: set[str] = set()
        self._kept: list[str] = []

    def go_round(self) -> None:
        """Take what the queue hands out, send copies of it, and one of an old message."""
        found = self._sqs.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=3, VisibilityTimeout=30
        )
        for message in found.get("Messages", []):
            copies = 1 if message["MessageId"] in self._own else self._random.choice(_COPIES)
            for _ in range(copies):
                self._bring(message["Body"], self._random.choice(_DELAYS_S))
            self._sqs.delete_message(
                QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"]
            )
            self.taken += 1
            if self._random.random() < _KEPT:
                self._kept.append(message["Body"])
        if self._kept:
            self._bring(self._random.choice(self._kept), 0)

    def empty_bag(self) -> None:
        """Bring every old message once more."""
        for body in self._kept:
            self._bring(body, 0)

    def _bring(self, body: str, delay_s: int) -> None:
        sent = self._sqs.send_message(
            QueueUrl=self._queue_url, MessageBody=body, DelaySeconds=delay_s
        )
        self._own.add(sent["MessageId"])
        self.brought += 1


class Killer:
    """Ends the functions' processes, and the processes that those render in, with SIGKILL."""

    def __init__(self, random: Random) -> None:
        self.workers = self.renderers = 0
        self._random = random

    def kill_worker(self) -> None:
        """Kill a function's process, and whatever batch it is at work on."""
        workers, _ = processes()
        if workers:
            self.workers += _killed(self._random.choice(workers))

    def kill_renderer(self) -> None:
        """Kill a process that renders one image, if one is caught in the act."""
        for _ in range(_LOOKS):
            _, renderers = processes()
            if renderers:
                self.renderers += _killed(self._random.choice(renderers))
                return


@contextmanager
def at_random(
    what: Callable[[], None], random: Random, most_s: float, held: threading.Event
) -> Iterator[None]:
    """Do something again and again, after up to `most_s` each time, unless it is held back.

    What fails because the cloud is in trouble is left.
    """
    over = threading.Event()

    def run() -> None:
        while not over.wait(random.uniform(most_s / 10, most_s)):
            if held.is_set():
                continue
            try:
                what()
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
    """Kill a process; return how many that were."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1
