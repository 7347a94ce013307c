"""A model of a stack to search: buckets, tables, a queue, and workers that stop at every call.

Each worker is a greenlet that runs the real pipeline and the real stores with clients in memory.
Before every AWS call it returns control to the search. The search decides which worker continues,
and where one crashes, is throttled, or has its request delayed in the network and applied later.
A visitor, who requests a variant, is a worker without a message: the server of TransformFunction.
So is a caller, who changes the focal point of an image: the use case of ApiImageUploadFunction.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, pairwise, product
from typing import Any, NamedTuple

import greenlet
from botocore.exceptions import ClientError, ReadTimeoutError
from fakes.aws_clients import FakeDynamoDB, FakeS3, StoredObject, fault
from fakes.transform import bytes_of
from fakes.variants import request_of

from imagemill.api.focus import change_focus
from imagemill.api.look import LookDeps
from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.errors import translated
from imagemill.aws.record_items import from_item
from imagemill.aws.records_table import RecordsTable
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.aws.variant_keys import VariantKeys
from imagemill.aws.variant_registry import VariantRegistry
from imagemill.domain.caller import EVERYTHING, Caller
from imagemill.domain.deployment import Deployment, following
from imagemill.domain.event import Change, Focus, ObjectEvent
from imagemill.domain.keys import image_id, is_rendition_of, is_variant_key, rendition_key
from imagemill.domain.notification import Task, parse_message
from imagemill.domain.reconciliation import Listed, Reconciliation
from imagemill.domain.record import ImageRecord
from imagemill.domain.record_focus import newest_place
from imagemill.domain.sequencer import OLDEST, canonical
from imagemill.domain.transitions import MOST_STATES
from imagemill.errors import (
    CorruptImage,
    Gone,
    NotFound,
    NotReady,
    RecordedRejection,
    RequestFault,
    TransientFault,
    WorkFailed,
)
from imagemill.imaging import DEFAULT_LIMITS, Facts, Limits, Rendered, Rendition
from imagemill.imaging.shared_file import File
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome
from imagemill.preset import Preset
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules
from imagemill.requests.settings import Settings
from imagemill.transform.deps import TransformDeps
from imagemill.transform.recent_records import RecentRecords
from imagemill.transform.serve import SECOND_LEASE_S, Server, Variant

KEYS = ("a.jpg",)
CONTENTS = (b"good one", b"good two", b"bad")
ORIGINALS, PROCESSED = "originals", "processed"
# Variants that are made from the original, and from the rendition of a preset.
VARIANTS = ("200x.jpg", "20x.jpg")
# A variant that shows the focal point, too.
CROPPED = "20x20_cover.jpg"
# Sides of every original and every rendition, px.
ORIGINAL_SIDE, RENDITION_SIDE = 1000, 100
# First bytes of variants, by which their format is recognised.
_JPEG = b"\xff\xd8\xff"
# More calls than any worker makes.
ALL = 99
_EVERYBODY = Caller("key:k", EVERYTHING)


def sequencer(number: int) -> str:
    """Return the number-th sequencer: ascending as padded text, but not as a number."""
    return f"{number:02X}" + ("", "FF", "7")[number % 3]


class Killed(BaseException):
    """The worker's process ended."""


class Stalled(BaseException):
    """The request is delayed and applied later; `retried`: the client sends it again at once."""

    def __init__(self, *, retried: bool) -> None:
        super().__init__()
        self.retried = retried


class Call(NamedTuple):
    """The name of an operation, and the bucket, table or service that it reads or changes."""

    name: str
    place: str

    @property
    def is_write(self) -> bool:
        """Whether it changes something; after any other call, the stack is as before it."""
        return self.name in {"PutObject", "DeleteObject", "PutItem", "PutEvents", "SendMessage"}


START = Call("start", "")
PAUSE = Call("Pause", "clock")


def _do_nothing(_: Call) -> None:
    """Default hook without an effect."""


@dataclass
class SlowS3(FakeS3):
    """S3 with writes that may be delayed; `late` are those not yet applied."""

    late: list[Callable[[], object]] = field(default_factory=list)
    turn: Callable[[Call], None] = _do_nothing
    """Runs before each call."""

    def _call(self, name: str, request: dict[str, Any]) -> None:
        self.turn(Call(name, request["Bucket"]))

    def put_object(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        try:
            return super().put_object(**asked)
        except Stalled as stalled:
            at_once = FakeS3(objects=self.objects)
            return _stall(partial(at_once.put_object, **asked), self.late, stalled)


@dataclass
class SlowDynamoDB(FakeDynamoDB):
    """DynamoDB with writes that may be delayed."""

    late: list[Callable[[], object]] = field(default_factory=list)
    turn: Callable[[Call], None] = _do_nothing
    """Runs before each call."""

    def _call(self, name: str, request: dict[str, Any]) -> None:
        self.turn(Call(name, request["TableName"]))

    def put_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        try:
            return super().put_item(**asked)
        except Stalled as stalled:
            at_once = FakeDynamoDB(items=self.items)
            return _stall(partial(at_once.put_item, **asked), self.late, stalled)


def _stall(
    request: Callable[[], dict[str, Any]], late: list[Callable[[], object]], stalled: Stalled
) -> dict[str, Any]:
    late.append(request)
    if stalled.retried:
        return request()
    raise ReadTimeoutError(endpoint_url="")


class WithoutMemory(NamedTuple):
    """Originals for a visitor, who has no memory to read them into."""

    originals: OriginalsBucket

    def read_into(
        self,
        event: ObjectEvent,
        allocate: Callable[[int], memoryview | None],
        check: Callable[[bytes], object],
    ) -> bytes | None:
        del allocate
        return self.originals.read(event, check)


@dataclass
class Clock:
    """A clock that the model sets."""

    s: int = 1_777_890_030

    def now(self) -> str:
        return datetime.fromtimestamp(self.s, UTC).isoformat(timespec="milliseconds")

    def now_s(self) -> int:
        return self.s

    def monotonic_ms(self) -> int:
        return 7


@dataclass(eq=False)
class Worker:
    """One delivery of one message in progress; without a message, one visitor or caller."""

    message: Task | None
    thread: greenlet.greenlet
    next_call: Call = START
    trouble: BaseException | None = None
    calls: list[Call] = field(default_factory=list)
    """The calls that it has made, also those that a service refused."""


@dataclass(frozen=True)
class Guards:
    """The guards that keep the results correct; a test may leave one out."""

    records: type[RecordsTable] = RecordsTable
    originals: type[OriginalsBucket] = OriginalsBucket
    renditions: Callable[..., RenditionsBucket] = RenditionsBucket
    handle: Callable[[Task, PipelineDeps, int], Outcome] = handle_task
    canonical: Callable[[str], str] = canonical
    registry: type[VariantRegistry] = VariantRegistry
    variants: type[VariantKeys] = VariantKeys
    visitor_records: type[RecordsTable] = RecordsTable
    caller_records: type[RecordsTable] = RecordsTable
    change_focus: Callable[..., ImageRecord] = change_focus
    announces_again: bool = True


@dataclass
class World:
    """The stack; the queue keeps a message until a worker has handled it without an error."""

    queue: list[Task] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    with_event: set[str] = field(default_factory=set)
    sent: int = 0
    guards: Guards = field(default_factory=Guards)
    unlike: bool = False
    """Whether no image is stored twice; then readers must never see a half-replaced one."""
    halves: list[str] = field(default_factory=list)
    deliveries: Counter[int] = field(default_factory=Counter)
    """Number of deliveries of each message, by its object id."""
    announced: set[tuple[str, str, str]] = field(default_factory=set)
    """Keys, statuses and versions that were announced."""
    recipes: RecipeRules = field(default_factory=lambda: RecipeRules.parse("p=10"))
    late: list[Callable[[], object]] = field(default_factory=list)
    """Delayed requests that may still be applied."""
    expired: set[str] = field(default_factory=set)
    """Keys with events so old that their tombstones may have expired."""
    clock: Clock = field(default_factory=Clock)
    on_request: bool = False
    """Whether variants are made on request, so that workers search for them."""
    delayed: list[tuple[greenlet.greenlet, Task]] = field(default_factory=list)
    """Messages that arrive when their caller has ended: a function runs for less than a minute."""
    asked: list[tuple[str, str, Focus | None]] = field(default_factory=list)
    """The changes that callers have an answer to: ETag, place, focal point."""
    unsure: list[Focus | None] = field(default_factory=list)
    """The focal points of callers without an answer; some of them are set."""
    names_versions: bool = False
    """Whether visitors name the version that is recorded when they arrive."""
    recent: RecentRecords = field(default_factory=lambda: RecentRecords(0))
    """The records that visitors have read, as if all came to the same process."""
    requested: int = 1
    """How many variants visitors request in turns."""
    visits: int = 0

    def __post_init__(self) -> None:
        self.s3 = SlowS3(late=self.late, turn=self._turn)
        self.dynamodb = SlowDynamoDB(late=self.late, turn=self._turn)
        self.deployment = self._deployed(None)
        self.former = (self.recipes, self.deployment)
        self._comments = count()

    # ------------------------------------------------------------- actions of users

    def put(self, key: str, data: bytes, *, has_event: bool = True, focus: str = "") -> None:
        data += b" %d" % self.sent if self.unlike else b""
        stored = self.s3.put(ORIGINALS, key, data, {"focus": focus} if focus else None)
        self._send(Change.CREATED, key, stored, has_event=has_event)

    def hide(self, key: str, *, has_event: bool = True) -> None:
        self._send(Change.HIDDEN, key, self.s3.put(ORIGINALS, key, None), has_event=has_event)

    def expire(self, key: str) -> None:
        """Delete as a lifecycle rule does, with an event without a sequencer."""
        self.s3.put(ORIGINALS, key, None)
        self.queue.append(ObjectEvent(Change.HIDDEN, key, OLDEST, "2026-05-05T00:00:00.000Z"))

    def erase(self, key: str, number: int, *, has_event: bool = True) -> None:
        """Delete one version, or a delete marker, for good; the one below may become current."""
        versions = self.s3.objects[ORIGINALS, key]
        erased = versions.pop(number % len(versions))
        self._send(Change.VERSION_DELETED, key, erased, has_event=has_event)

    def forget(self, key: str) -> None:
        """Lose the record, as when a table is restored from a backup."""
        self.dynamodb.items.pop(image_id(key), None)
        self.with_event.discard(key)

    def versions(self, key: str) -> int:
        return len(self.s3.objects.get((ORIGINALS, key), []))

    def ask(self, key: str, focus: Focus | None) -> Worker:
        """Start a caller who changes the focal point of an image, up to its first call."""
        records = self.guards.caller_records(self.dynamodb, "records")  # type: ignore[arg-type]  # a fake
        deps = LookDeps(records, _CallersQueue(self))

        def change() -> None:
            self.unsure.append(focus)
            with suppress(NotFound, Gone, NotReady, RecordedRejection, WorkFailed):
                record = self.guards.change_focus(image_id(key), focus, deps, _EVERYBODY)
                self.asked.append((record.etag, newest_place(record), focus))
            self.unsure.remove(focus)

        return self._started(None, change)

    def send_later(self, message: str, delay_s: int) -> None:
        """Queue a message of the caller that runs now."""
        with translated("the queue"):
            self._turn(Call("SendMessage", "queue"))
        [task] = parse_message(message).tasks
        if delay_s:
            self.delayed.append((greenlet.getcurrent(), task))
        else:
            self.queue.append(task)

    def visit(self, key: str, variant: str = "") -> Worker:
        """Start a visitor who requests a variant, up to its first call."""
        variant = variant or VARIANTS[self.visits % self.requested]
        self.visits += 1
        deps = TransformDeps(
            records=self.guards.visitor_records(self.dynamodb, "records"),  # type: ignore[arg-type]  # a fake
            originals=WithoutMemory(self.guards.originals(self.s3, ORIGINALS)),  # type: ignore[arg-type]  # a fake
            renditions=self.guards.renditions(self.s3, PROCESSED, self._with_comment),
            registry=self.guards.registry(self.dynamodb, "variants"),  # type: ignore[arg-type]  # a fake
            recipes=self.recipes,
            limits=DEFAULT_LIMITS,
            clock=self.clock,
            render=render_variant_in_words,
            pause=self._pause,
            render_timeout_s=lambda: 11.0,
            settings=Settings(now=0),
            # A thread of its own would make the order of calls random.
            max_early_bytes=-1,
            recent=self.recent,
        )
        record = self.record(key)
        named = record.version_id if record and self.names_versions else None
        server = Server(replace(request_of(key, variant), version=named), deps)
        return self._started(None, lambda: _answered(server))

    def _pause(self, _: float) -> None:
        """Let a visitor wait until every lease of now has ended; a pause cannot fail."""
        with suppress(ClientError):
            self._turn(PAUSE)
        self.clock.s += SECOND_LEASE_S + 1

    def _send(self, change: Change, key: str, version: StoredObject, *, has_event: bool) -> None:
        """Queue the event of a change; a lost one has its sequencer, too."""
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
        if has_event:
            self.with_event.add(key)
            self.queue.append(event)

    # -------------------------------------------------------------- actions of operators

    def look(self, key: str, *, listed: bool) -> None:
        """Queue a reconciliation of an image, perhaps with its entry in a listing."""
        versions = self.s3.objects.get((ORIGINALS, key), [])
        strays = tuple(name for name in sorted(self._processed()) if is_rendition_of(name, key))
        if listed and versions and versions[-1].data is not None:
            self.queue.append(Reconciliation(key, listed=_as_listed(key, versions[-1])))
        else:
            self.queue.append(Reconciliation(key, renditions=strays))

    def change_recipe(self, recipe: str) -> None:
        """Deploy another recipe; workers of the former one get messages for a while."""
        self.former = (self.recipes, self.deployment)
        self.recipes = RecipeRules.parse(recipe)
        self.deployment = self._deployed(self.deployment)

    def _deployed(self, before: Deployment | None) -> Deployment:
        recipes = self.recipes
        rules = "" if recipes.is_plain else recipes.hash
        presets = sorted(recipes.presets)
        return following(before, recipes.hash, presets, 1000 * self.clock.s, rules)

    # ----------------------------------------------------------------- passing of time

    def land(self, number: int) -> None:
        """Apply a delayed request."""
        request = self.late.pop(number % len(self.late))
        try:
            request()
        except ClientError:
            # Its condition does not hold any more.
            return
        self.halves += self.half() if self.unlike else []

    def wait(self, days: int) -> None:
        """Let days pass: markers, tombstones and delayed requests expire."""
        assert not self.workers, "no worker runs for a day"
        self.late.clear()
        self.former = (self.recipes, self.deployment)
        self.clock.s += days * 86_400
        self.s3.passed += timedelta(days=days)
        for name in [name for name, item in self.dynamodb.items.items() if "variant" in item]:
            if int(self.dynamodb.items[name]["expires_at"]["N"]) < self.clock.s:
                del self.dynamodb.items[name]
        for place in [place for place, versions in self.s3.objects.items() if is_marker(versions)]:
            del self.s3.objects[place]
        self.expired |= self.known
        for key in sorted(self.known):
            record = self.record(key)
            if record and record.expires_at and record.expires_at < self.clock.s:
                del self.dynamodb.items[image_id(key)]

    # ----------------------------------------------------------- behaviour of the queue

    def duplicate(self, number: int) -> None:
        """Queue a duplicate of a message."""
        self.queue.append(replace(self.queue[number % len(self.queue)]))

    def deliver(self, number: int, calls: int, *, former: bool = False) -> None:
        """Start a worker on a message and let it make some calls."""
        message = self.queue[number % len(self.queue)]
        self.go_on_with(self.start(message, former=former), calls)

    def race(self, one: int, other: int, turns: list[bool]) -> None:
        """Start workers on two messages, run them in the given turns, and then to their ends."""
        racers = [self.start(self.queue[n % len(self.queue)]) for n in (one, other)]
        for turn in turns:
            self.go_on_with(racers[turn], 1)
        for racer in racers:
            self.go_on_with(racer, ALL)

    def go_on(self, number: int, calls: int) -> None:
        """Let a worker make some more calls."""
        self.go_on_with(self.workers[number % len(self.workers)], calls)

    def start(self, message: Task, *, former: bool = False, attempt: int | None = None) -> Worker:
        """Start a worker of this or the former deployment on a message, up to its first call."""
        self.deliveries[id(message)] += 1
        deployed = self.former if former else (self.recipes, self.deployment)
        deps, number = self.deps(*deployed), attempt or self.deliveries[id(message)]
        return self._started(message, lambda: self._work(message, deps, number))

    def _started(self, message: Task | None, work: Callable[[], object]) -> Worker:
        worker = Worker(message, greenlet.greenlet(work))
        self.workers.append(worker)
        self._run(worker)
        return worker

    def go_on_with(self, worker: Worker, calls: int) -> None:
        """Let this worker make some more calls, unless it has ended."""
        while calls and worker in self.workers:
            self._run(worker)
            calls -= 1

    def go_on_past_writes(self, worker: Worker, writes: int) -> None:
        """Let this worker continue until it has made some more writes, unless it ends before."""
        while writes and worker in self.workers:
            writes -= worker.next_call.is_write
            self._run(worker)

    def go_on_to_write(self, worker: Worker, number: int) -> None:
        """Stop this worker before its write with this number, counted from 0, unless it ends."""
        self.go_on_past_writes(worker, number)
        while worker in self.workers and not worker.next_call.is_write:
            self._run(worker)

    def trouble(self, number: int, what: BaseException) -> None:
        """Make a worker's next call fail, or kill the worker before it."""
        self.strike(self.workers[number % len(self.workers)], what)

    def strike(self, worker: Worker, what: BaseException) -> None:
        """Raise an exception in a worker instead of its next call."""
        worker.trouble = what
        self._run(worker)

    def stall(self, worker: Worker, *, retried: bool) -> bool:
        """Delay a worker's next call in the network; its client gives up, or sends it again.

        Returns False if the call is not a write that stores something.
        """
        if worker.next_call.name not in {"PutObject", "PutItem"}:
            return False
        self.strike(worker, Stalled(retried=retried))
        return True

    def settle(self) -> None:
        """Let all workers finish, and then handle every message left, one after the other."""
        while self.workers:
            self.go_on(0, ALL)
        for _ in range(3 * len(self.queue)):
            if self.queue:
                self.deliver(0, ALL)
        assert not self.queue, "a message is delivered again and again"

    # ------------------------------------------------------------------- workers

    def deps(self, recipes: RecipeRules, deployment: Deployment) -> PipelineDeps:
        return PipelineDeps(
            records=self.guards.records(self.dynamodb, "records"),  # type: ignore[arg-type]  # a fake
            originals=self.guards.originals(self.s3, ORIGINALS),  # type: ignore[arg-type]  # a fake
            renditions=self.guards.renditions(self.s3, PROCESSED, self._with_comment),
            recipes=recipes,
            limits=DEFAULT_LIMITS,
            clock=self.clock,
            max_attempts=99,
            render=render_in_words,
            deployment=lambda: deployment,
            variants=self._variant_keys() if self.on_request else None,
        )

    def _variant_keys(self) -> VariantKeys:
        registry = self.guards.registry(self.dynamodb, "variants")  # type: ignore[arg-type]  # a fake
        return self.guards.variants(self.s3, PROCESSED, registry)  # type: ignore[arg-type]  # a fake

    def _with_comment(self, data: bytes, _: str) -> bytes:
        return data.partition(b" #")[0] + b" #%d" % next(self._comments)

    def _work(self, message: Task, deps: PipelineDeps, attempt: int) -> None:
        """Handle a message and announce final states, as the function does."""
        final: list[ImageRecord] = []
        outcome = self.guards.handle(message, replace(deps, announce=final.append), attempt)
        if final and (self.guards.announces_again or outcome is not Outcome.DUPLICATE):
            with translated("EventBridge"):
                self._turn(Call("PutEvents", "EventBridge"))
            self.announced |= {(r.key, r.status, r.version_id) for r in final}

    def _turn(self, call: Call) -> None:
        """Stop the worker before a call; raise the exception that the search chose."""
        me = greenlet.getcurrent()
        worker = next(w for w in self.workers if w.thread is me)
        worker.next_call = call
        assert me.parent is not None
        me.parent.switch()
        if worker.trouble:
            trouble, worker.trouble = worker.trouble, None
            raise trouble
        worker.calls.append(call)

    def _run(self, worker: Worker) -> None:
        """Run a worker up to its next call or its end; without an error, its message is done."""
        call = worker.next_call
        try:
            worker.thread.switch()
        except (TransientFault, Killed):
            self.workers.remove(worker)
            return
        finally:
            self.halves += self.half() if self.unlike and call.is_write else []
            self._release_delayed(worker)
        if worker.thread.dead:
            self.workers.remove(worker)
        if worker.thread.dead and worker.message:
            self.deliveries.pop(id(worker.message), None)
            self.queue = [message for message in self.queue if message is not worker.message]

    def _release_delayed(self, worker: Worker) -> None:
        """Queue the delayed messages of a caller that has ended."""
        if worker.thread.dead or worker not in self.workers:
            mine = [(caller, task) for caller, task in self.delayed if caller is worker.thread]
            self.delayed = [one for one in self.delayed if one not in mine]
            self.queue += [task for _, task in mine]

    # ------------------------------------------------------------------ state

    def record(self, key: str) -> ImageRecord | None:
        item = self.dynamodb.items.get(image_id(key))
        return from_item(item) if item else None

    def renditions(self) -> dict[str, bytes]:
        """Return the renditions that readers get, without comments and without variants."""
        return {key: data for key, data in self._processed().items() if not is_variant_key(key)}

    def variants(self) -> dict[str, bytes]:
        """Return the variants that readers get, without comments."""
        return {key: data for key, data in self._processed().items() if is_variant_key(key)}

    def _processed(self) -> dict[str, bytes]:
        return {
            key: (versions[-1].data or b"").partition(b" #")[0]
            for (bucket, key), versions in self.s3.objects.items()
            if bucket == PROCESSED and not is_marker(versions)
        }

    def complaints(self) -> list[str]:
        """Return every difference between the final state and the newest events."""
        wrong = [f"{key} was seen half" for key in self.halves]
        expected: dict[str, bytes] = {}
        for key in sorted(self.known):
            record = self.record(key)
            versions = self.s3.objects.get((ORIGINALS, key), [])
            data = versions[-1].data if versions else None
            status = record.status if record else None
            wanted = "deleted" if data is None else "rejected" if is_bad(data) else "ready"
            may_lack = key not in self.with_event or key in self.expired
            if status != wanted and (status, wanted, may_lack) != (None, "deleted", True):
                wrong.append(f"{key} is {status}, not {wanted}")
            if record and (key, record.status, record.version_id) not in self.announced:
                wrong.append(f"no completion event says that {key} is {record.status}")
            if record and record.status in {"ready", "rejected"}:
                is_stale = record.recipe != self.recipes.recipe_of(key).hash
                wrong += [f"{key} is stale"] if is_stale else []
            if record and data is not None and record.version_id != versions[-1].version_id:
                wrong.append(f"{key} is of version {record.version_id}")
            if wanted == "ready" and data is not None:
                recipe = self.recipes.recipe_of(key).around(_point_of(record))
                shown = self.uploaded(data)
                expected |= {rendition_key(p.name, key): in_words(shown, p) for p in recipe.presets}
            if record and record.status == "ready" and not record.is_focus_applied:
                wrong.append(f"{key} does not show {record.wanted_focus}")
            wrong += _wrong_history(record) if record else []
        if self.renditions() != expected:
            wrong.append(f"stored are {self.renditions()}, not {expected}")
        return wrong + self._wrong_variants()

    def _wrong_variants(self) -> list[str]:
        """Return the variants of images that are not ready, and those of former versions."""
        stored = self.variants()
        if not stored:
            return []
        wanted: dict[str, bytes] = {}
        for key, variant in product(self.known, (*VARIANTS, CROPPED)):
            record, request = self.record(key), request_of(key, variant)
            if record and record.status == "ready":
                [preset] = Recipe((request.preset,)).around(_point_of(record)).presets
                made = variant_in_words(self._bytes_of(record), preset)
                wanted |= {replace(request, version=v).key: made for v in (None, record.version_id)}
        return [
            f"{key} has {data!r}, not {wanted.get(key, 'nothing')!r}"
            for key, data in stored.items()
            if wanted.get(key) != data
        ]

    def half(self) -> list[str]:
        """Return the listed renditions that are missing, or made from another version's bytes."""
        records = [record for key in KEYS if (record := self.record(key))]
        stored = self.renditions()
        return [
            made.key
            for record in records
            for made in record.renditions.values()
            if not stored.get(made.key, b"").startswith(self._bytes_of(record))
        ]

    def _bytes_of(self, record: ImageRecord) -> bytes:
        """Return the bytes of the version that a record describes, if it still exists."""
        versions = self.s3.objects.get((ORIGINALS, record.key), [])
        found = [v.data for v in versions if v.version_id == record.version_id]
        return self.uploaded(found[0] or b"") if found else b"gone"

    def uploaded(self, data: bytes) -> bytes:
        """Return the bytes that were uploaded as an original."""
        return data


def is_marker(versions: list[StoredObject]) -> bool:
    """Return whether the current object is the marker of a removed rendition."""
    return bool(versions) and "removed" in versions[-1].metadata


def _wrong_history(record: ImageRecord) -> list[str]:
    """Return whether a history lacks the present state, or has one twice."""
    states = [(state.status, state.at, state.code) for state in record.history]
    code = record.error.code if record.error else ""
    is_whole = bool(states) and (states[-1][0], states[-1][2]) == (record.status, code)
    is_repeated = any(one == other for one, other in pairwise(states))
    if is_whole and not is_repeated and len(states) <= MOST_STATES:
        return []
    return [f"the history of {record.key} is {states}"]


def _as_listed(key: str, version: StoredObject) -> Listed:
    size, etag = len(version.data or b""), version.etag.strip('"')
    return Listed(key, size, etag, int(version.modified.timestamp()))


class _CallersQueue:
    """The queue, for a caller."""

    def __init__(self, world: World) -> None:
        self._world = world

    def send_later(self, message: str, delay_s: int) -> None:
        self._world.send_later(message, delay_s)


def _point_of(record: ImageRecord | None) -> tuple[float, float] | None:
    return record.focus.point if record and record.focus else None


def in_words(data: bytes, preset: Preset) -> bytes:
    """Return text in place of a rendition; with the focal point if it shows it."""
    around = f" around {preset.around}" if preset.around else ""
    return data + f" as {preset.name}{around}".encode()


def variant_in_words(data: bytes, preset: Preset) -> bytes:
    """Return text in place of a variant, from an original or a rendition of it."""
    return _JPEG + in_words(data.partition(b" as ")[0], preset)


def is_bad(data: bytes) -> bool:
    """Return whether these bytes cannot be resized."""
    return data.startswith(b"bad")


def render_in_words(data: bytes, recipe: Recipe, limits: Limits, timeout_s: float) -> Rendered:
    """Return renditions that contain their original; bytes that begin with `bad` are no image."""
    del timeout_s
    assert len(data) <= limits.max_bytes
    if is_bad(data):
        raise CorruptImage("bad")
    return _rendered(data, {preset.name: in_words(data, preset) for preset in recipe.presets})


def render_variant_in_words(
    file: File, recipe: Recipe, limits: Limits, timeout_s: float
) -> Rendered:
    """Return a variant that contains its original."""
    del limits, timeout_s
    data = bytes_of(file)
    assert not is_bad(data)
    made = {preset.name: variant_in_words(data, preset) for preset in recipe.presets}
    return _rendered(data, made)


def _rendered(data: bytes, made: dict[str, bytes]) -> Rendered:
    facts = Facts("jpeg", bytes=len(data), width=ORIGINAL_SIDE, height=ORIGINAL_SIDE)
    renditions = tuple(
        Rendition(name, text, RENDITION_SIDE, RENDITION_SIDE, "jpeg") for name, text in made.items()
    )
    return Rendered(facts, renditions, (), "hash", "#000000")


def _answered(server: Server) -> Variant | None:
    """Return the answer to a visitor; None if the image is not ready."""
    try:
        return server.serve()
    except RequestFault:
        return None


def slow_down() -> BaseException:
    """Return the exception of botocore for a throttled call."""
    return fault("AnyCall", "SlowDown")
