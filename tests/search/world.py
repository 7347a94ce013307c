"""A small world to search: buckets, a table, a queue, and workers that can be stopped anywhere.

Each worker is a greenlet that runs the real workflows over the real stores over clients in memory.
Before every AWS call it hands control back, so that the search decides who goes next, and where
somebody crashes or is told to slow down.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import greenlet
from fakes.clients import FakeDynamoDB, FakeS3, StoredObject, fault
from fakes.stores import StoppedClock

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.keys import image_id, rendition_key
from imagemill.catalog.notification import Task
from imagemill.catalog.reconciliation import Listed, Reconciliation
from imagemill.catalog.record import ImageRecord
from imagemill.catalog.sequence import OLDEST, canonical
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

    message: Task
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

    queue: list[Task] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)
    sent: int = 0
    guards: Guards = field(default_factory=Guards)
    unlike: bool = False
    """Whether no picture is put twice; then nobody may ever see half, not for a moment."""
    halves: list[str] = field(default_factory=list)
    deliveries: Counter[int] = field(default_factory=Counter)
    """How often each message, by its place in memory, was delivered."""
    announced: set[tuple[str, str, str]] = field(default_factory=set)
    """Keys, states and sequencers that the world was told of."""
    recipe: Recipe = field(default_factory=lambda: Recipe.parse("p=10"))

    def __post_init__(self) -> None:
        self.s3 = FakeS3(turn=self._turn)
        self.dynamodb = FakeDynamoDB(turn=self._turn)

    # ------------------------------------------------------------- what users do

    def put(self, key: str, data: bytes, *, heard: bool = True) -> None:
        data += b" %d" % self.sent if self.unlike else b""
        stored = self.s3.put(ORIGINALS, key, data)
        self._send(Change.CREATED, key, stored, heard=heard)

    def hide(self, key: str, *, heard: bool = True) -> None:
        self._send(Change.HIDDEN, key, self.s3.put(ORIGINALS, key, None), heard=heard)

    def expire(self, key: str) -> None:
        """Hide as a lifecycle rule does, whose event has no place in the order."""
        self.s3.put(ORIGINALS, key, None)
        self.queue.append(ObjectEvent(Change.HIDDEN, key, OLDEST, "2026-05-05T00:00:00.000Z"))

    def erase(self, key: str, number: int, *, heard: bool = True) -> None:
        """Erase one version; erasing a delete marker brings back what is below it."""
        versions = self.s3.objects[ORIGINALS, key]
        erased = versions.pop(number % len(versions))
        self._send(Change.VERSION_DELETED, key, erased, heard=heard)

    def forget(self, key: str) -> None:
        """Lose the record, as when a table is restored from before."""
        self.dynamodb.items.pop(image_id(key), None)
        self.heard.discard(key)

    def versions(self, key: str) -> int:
        return len(self.s3.objects.get((ORIGINALS, key), []))

    def _send(self, change: Change, key: str, version: StoredObject, *, heard: bool) -> None:
        """Announce a change; one that is not heard takes its place in the order all the same."""
        event = ObjectEvent(
            change=change,
            key=key,
            sequencer=self.guards.canonical(sequencer(self.sent + 5)),
            happened_at=version.modified.isoformat(timespec="milliseconds"),
            version_id=version.version_id,
            etag=version.etag.strip('"'),
            bytes=len(version.data or b""),
        )
        self.sent += 1
        self.known.add(key)
        if heard:
            self.heard.add(key)
            self.queue.append(event)

    # -------------------------------------------------------------- what operators do

    def look(self, key: str, *, listed: bool) -> None:
        """Ask to have a picture brought in line, perhaps as a listing shows it now."""
        versions = self.s3.objects.get((ORIGINALS, key), [])
        strays = tuple(name for name in sorted(self.renditions()) if name.endswith(key))
        if listed and versions and versions[-1].data is not None:
            self.queue.append(Reconciliation(key, listed=_as_listed(key, versions[-1])))
        else:
            self.queue.append(Reconciliation(key, renditions=strays))

    def change_recipe(self, recipe: str) -> None:
        """Deploy another recipe; what is under way is done by the former one."""
        self.recipe = Recipe.parse(recipe)

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

    def start(self, message: Task) -> Worker:
        """Start a worker on a message, up to its first call."""
        self.deliveries[id(message)] += 1
        shop, attempt = self.shop(), self.deliveries[id(message)]
        worker = Worker(message, greenlet.greenlet(lambda: self._work(message, shop, attempt)))
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

    def _work(self, message: Task, shop: Workshop, attempt: int) -> None:
        """Attend to a message and announce what became final, as the function does."""
        final: list[ImageRecord] = []
        outcome = attend(message, replace(shop, announce=final.append), attempt)
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
            self.deliveries.pop(id(worker.message), None)
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
        for key in sorted(self.known):
            record = self.record(key)
            versions = self.s3.objects.get((ORIGINALS, key), [])
            data = versions[-1].data if versions else None
            status = record.status if record else None
            wanted = "deleted" if data is None else "rejected" if is_bad(data) else "ready"
            if status != wanted and (status, wanted, key in self.heard) != (None, "deleted", False):
                wrong.append(f"{key} is {status}, not {wanted}")
            if record and (key, record.status, record.sequencer) not in self.announced:
                wrong.append(f"nobody was told that {key} is {record.status}")
            if record and record.status in {"ready", "rejected"}:
                wrong += [] if record.recipe == self.recipe.hash else [f"{key} is stale"]
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


def _as_listed(key: str, version: StoredObject) -> Listed:
    size, etag = len(version.data or b""), version.etag.strip('"')
    return Listed(key, size, etag, int(version.modified.timestamp()))


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
