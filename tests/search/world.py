"""A small world to search: buckets, a table, a queue, and workers that can be stopped anywhere.

Each worker is a greenlet that runs the real workflows over the real stores over clients in memory.
Before every AWS call it hands control back, so that the search decides who goes next, and where
somebody crashes or is told to slow down.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import greenlet
from fakes.clients import FakeDynamoDB, FakeS3, fault
from fakes.stores import StoppedClock

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.keys import image_id, rendition_key
from imagemill.catalog.record import ImageRecord
from imagemill.catalog.sequence import canonical
from imagemill.errors import CorruptImage, TransientFault
from imagemill.imaging import DEFAULT_LIMITS, Facts, Limits, Rendered, Rendition
from imagemill.recipe import Recipe
from imagemill.stores.dynamodb import RecordsTable
from imagemill.stores.faults import translated
from imagemill.stores.s3 import OriginalsBucket, RenditionsBucket
from imagemill.workflows.attend import attend
from imagemill.workflows.workshop import Outcome, Workshop

KEYS = ("a.jpg",)
CONTENTS = (b"good one", b"good two", b"bad")
ORIGINALS, PROCESSED = "originals", "processed"
ALL = 99
"""Calls enough for any worker to end."""


def sequencer(number: int) -> str:
    """Return the number-th sequencer: growing as padded text, but not as numbers nor in length."""
    return f"{number:02X}" + ("", "FF", "7")[number % 3]


class Killed(BaseException):
    """The worker's process ended."""


@dataclass(eq=False)
class Worker:
    """One delivery of one message, under way."""

    message: ObjectEvent
    thread: greenlet.greenlet
    next_call: str = "start"
    trouble: BaseException | None = None


@dataclass(frozen=True)
class Guards:
    """What keeps the world right; a test may leave one out."""

    records: type[RecordsTable] = RecordsTable
    originals: type[OriginalsBucket] = OriginalsBucket
    renditions: type[RenditionsBucket] = RenditionsBucket
    canonical: Callable[[str], str] = canonical
    announces_again: bool = True


@dataclass
class World:
    """Everything there is; the queue keeps a message until a worker has ended well with it."""

    queue: list[ObjectEvent] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    newest: dict[str, ObjectEvent] = field(default_factory=dict)
    sent: int = 0
    guards: Guards = field(default_factory=Guards)
    unlike: bool = False
    """Whether no picture is put twice; then nobody may ever see half, not for a moment."""
    halves: list[str] = field(default_factory=list)
    announced: set[tuple[str, str, str]] = field(default_factory=set)
    """Keys, states and sequencers that the world was told of."""
    recipe: Recipe = field(default_factory=lambda: Recipe.parse("p=10"))

    def __post_init__(self) -> None:
        self.s3 = FakeS3(turn=self._turn)
        self.dynamodb = FakeDynamoDB(turn=self._turn)

    # ------------------------------------------------------------- what users do

    def put(self, key: str, data: bytes) -> None:
        data += b" %d" % self.sent if self.unlike else b""
        stored = self.s3.put(ORIGINALS, key, data)
        self._send(Change.CREATED, key, stored.version_id, len(data))

    def hide(self, key: str) -> None:
        marker = self.s3.put(ORIGINALS, key, None)
        self._send(Change.HIDDEN, key, marker.version_id)

    def erase(self, key: str, number: int) -> None:
        """Erase one version; erasing a delete marker brings back what is below it."""
        versions = self.s3.objects[ORIGINALS, key]
        erased = versions.pop(number % len(versions))
        self._send(Change.VERSION_DELETED, key, erased.version_id)

    def versions(self, key: str) -> int:
        return len(self.s3.objects.get((ORIGINALS, key), []))

    def _send(self, change: Change, key: str, version_id: str, size: int = 0) -> None:
        event = ObjectEvent(
            change=change,
            key=key,
            sequencer=self.guards.canonical(sequencer(self.sent + 5)),
            happened_at=f"2026-05-04T10:20:29.{self.sent:03}Z",
            version_id=version_id,
            bytes=size,
        )
        self.sent += 1
        self.newest[key] = event
        self.queue.append(event)

    # ----------------------------------------------------------- what the queue does

    def duplicate(self, number: int) -> None:
        """Deliver a message once more: an equal message that is another one."""
        self.queue.append(replace(self.queue[number % len(self.queue)]))

    def deliver(self, number: int, calls: int) -> None:
        """Start a worker on a message and let it make some calls."""
        self.go_on_with(self.start(self.queue[number % len(self.queue)]), calls)

    def race(self, one: int, other: int, turns: list[bool]) -> None:
        """Start workers on two messages, let them take turns as told, and then to their ends."""
        racers = [self.start(self.queue[n % len(self.queue)]) for n in (one, other)]
        for turn in turns:
            self.go_on_with(racers[turn], 1)
        for racer in racers:
            self.go_on_with(racer, ALL)

    def go_on(self, number: int, calls: int) -> None:
        """Let a worker make some more calls."""
        self.go_on_with(self.workers[number % len(self.workers)], calls)

    def start(self, message: ObjectEvent) -> Worker:
        """Start a worker on a message, up to its first call."""
        worker = Worker(message, greenlet.greenlet(lambda: self._work(message)))
        self.workers.append(worker)
        self._run(worker)
        return worker

    def go_on_with(self, worker: Worker, calls: int) -> None:
        """Let this worker make some more calls, unless it has ended."""
        while calls and worker in self.workers:
            self._run(worker)
            calls -= 1

    def trouble(self, number: int, what: BaseException) -> None:
        """Have a worker's next call fail, or the worker die before it."""
        self.strike(self.workers[number % len(self.workers)], what)

    def strike(self, worker: Worker, what: BaseException) -> None:
        """Raise something in a worker instead of its next call."""
        worker.trouble = what
        self._run(worker)

    def settle(self) -> None:
        """Let the dust settle: the workers finish, and every message left is worked in peace."""
        while self.workers:
            self.go_on(0, ALL)
        for _ in range(3 * len(self.queue)):
            if self.queue:
                self.deliver(0, ALL)
        assert not self.queue, "a message comes back again and again"

    # ------------------------------------------------------------------- inside

    def shop(self) -> Workshop:
        return Workshop(
            records=self.guards.records(self.dynamodb, "records"),  # type: ignore[arg-type]  # a fake
            originals=self.guards.originals(self.s3, ORIGINALS),  # type: ignore[arg-type]  # a fake
            renditions=self.guards.renditions(self.s3, PROCESSED),  # type: ignore[arg-type]  # a fake
            recipe=self.recipe,
            limits=DEFAULT_LIMITS,
            clock=StoppedClock(),
            max_attempts=99,
            render=render_in_words,
        )

    def _work(self, message: ObjectEvent) -> None:
        """Attend to a message and announce what became final, as the function does."""
        final: list[ImageRecord] = []
        outcome = attend(message, replace(self.shop(), announce=final.append))
        if final and (self.guards.announces_again or outcome is not Outcome.DUPLICATE):
            with translated("EventBridge"):
                self._turn("PutEvents")
            self.announced |= {(r.key, r.status, r.sequencer) for r in final}

    def _turn(self, call: str) -> None:
        """Stop the worker that is about to make a call; raise what the search wants to happen."""
        me = greenlet.getcurrent()
        worker = next(w for w in self.workers if w.thread is me)
        worker.next_call = call
        assert me.parent is not None
        me.parent.switch()
        if worker.trouble:
            trouble, worker.trouble = worker.trouble, None
            raise trouble

    def _run(self, worker: Worker) -> None:
        """Run a worker up to its next call or its end; a message is done when it ends well."""
        try:
            worker.thread.switch()
        except (TransientFault, Killed):
            self.workers.remove(worker)
            return
        finally:
            self.halves += self.half() if self.unlike else []
        if worker.thread.dead:
            self.workers.remove(worker)
            self.queue = [message for message in self.queue if message is not worker.message]

    # ------------------------------------------------------------------ what can be seen

    def record(self, key: str) -> ImageRecord | None:
        table = RecordsTable(FakeDynamoDB(items=self.dynamodb.items), "")  # type: ignore[arg-type]
        return table.get(image_id(key))

    def renditions(self) -> dict[str, bytes]:
        return {
            key: versions[-1].data or b""
            for (bucket, key), versions in self.s3.objects.items()
            if bucket == PROCESSED
        }

    def complaints(self) -> list[str]:
        """Say what is wrong once the dust has settled: what the newest event does not say."""
        wrong = [f"{key} was seen half" for key in self.halves]
        expected: dict[str, bytes] = {}
        for key in self.newest:
            record = self.record(key)
            versions = self.s3.objects.get((ORIGINALS, key), [])
            data = versions[-1].data if versions else None
            status = record.status if record else None
            wanted = "deleted" if data is None else "rejected" if is_bad(data) else "ready"
            if status != wanted:
                wrong.append(f"{key} is {status}, not {wanted}")
            if record and (key, record.status, record.sequencer) not in self.announced:
                wrong.append(f"nobody was told that {key} is {record.status}")
            if record and data is not None and record.version_id != versions[-1].version_id:
                wrong.append(f"{key} is of version {record.version_id}")
            if wanted == "ready" and data is not None:
                expected |= {
                    rendition_key(p.name, key): in_words(data, p.name) for p in self.recipe.presets
                }
        if self.renditions() != expected:
            wrong.append(f"stored are {self.renditions()}, not {expected}")
        return wrong

    def half(self) -> list[str]:
        """Return the listed renditions that are missing, or older than their record says."""
        records = [record for key in KEYS if (record := self.record(key))]
        listed = [(made.key, r.sequencer) for r in records for made in r.renditions.values()]
        stored = {key: self.s3.objects.get((PROCESSED, key)) for key, _ in listed}
        return [
            key
            for key, sequencer in listed
            if not (found := stored[key]) or found[-1].metadata["sequencer"] < sequencer
        ]


def in_words(data: bytes, preset: str) -> bytes:
    """Return what stands for the rendition of a picture."""
    return data + b" as " + preset.encode()


def is_bad(data: bytes) -> bool:
    """Tell what cannot be resized."""
    return data.startswith(b"bad")


def render_in_words(data: bytes, recipe: Recipe, limits: Limits) -> Rendered:
    """Make renditions that tell what they were made of; what begins with bad is no picture."""
    assert len(data) <= limits.max_bytes
    if is_bad(data):
        raise CorruptImage("bad")
    facts = Facts(format="jpeg", bytes=len(data), width=1, height=1)
    made = tuple(
        Rendition(preset.name, in_words(data, preset.name), 1, 1, "jpeg")
        for preset in recipe.presets
    )
    return Rendered(facts, made, (), "hash", "#000000")


def slow_down() -> BaseException:
    """Return what botocore raises when a service is asked too much."""
    return fault("AnyCall", "SlowDown")
