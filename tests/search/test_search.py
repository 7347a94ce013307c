"""No event is lost, no result is doubled or stale: random histories.

A history is any sequence of put, overwrite, delete, duplicate, reorder, delay, crash between two
calls, throttling, redelivery, lost notifications, lost records, other recipes and reconciliations,
with several workers at once, and with visitors who request variants. At the end, record, renditions
and variants agree with the newest event, and there are no others. After a lost event, this holds
once a reconciliation was handled.

By default the examples are the same in every run; SEARCH_EXAMPLES=5000 tries 5,000 random ones.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from imagemill.transform.recent_records import RecentRecords
from search.world import ALL, KEYS, VARIANTS, Killed, World, slow_down

# Number of a message, a worker or a version, modulo how many there are.
ANY = st.integers(0, 5)
KEY = st.sampled_from(KEYS)
# Equal bytes are the hardest case: S3 gives their renditions the same ETag.
IMAGE = st.sampled_from([b"good one", b"good one", b"good two", b"bad"])
# A recipe whose rules use the presets of the other recipes, most of them for other keys.
BY_PREFIX = "a -> r=30; * -> p=10, q=20"
MOST_WAITING = 6
MOST_WORKERS = 3


class Pipeline(RuleBasedStateMachine):
    """Runs rules that Hypothesis chooses."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(on_request=True, recent=RecentRecords())
        self.must_look = False

    def teardown(self) -> None:
        self.world.settle()
        if self.must_look:
            for key in KEYS:
                self.world.look(key, listed=False)
        self.world.settle()
        while self.world.late:
            self.world.land(0)
        assert self.world.complaints() == []

    @precondition(lambda self: len(self.world.queue) < MOST_WAITING)
    @rule(key=KEY, data=IMAGE)
    def put(self, key: str, data: bytes) -> None:
        self.world.put(key, data)

    @precondition(lambda self: len(self.world.queue) < MOST_WAITING)
    @rule(key=KEY, number=ANY, erase=st.booleans())
    def remove(self, key: str, number: int, *, erase: bool) -> None:
        if erase and self.world.versions(key):
            self.world.erase(key, number)
        else:
            self.world.hide(key)

    @rule(key=KEY, data=IMAGE, what=st.sampled_from(["put", "hide", "forget"]))
    def lose(self, key: str, data: bytes, what: str) -> None:
        """Change something without an event, while workers run."""
        self.must_look = True
        if what == "put":
            self.world.put(key, data, has_event=False)
        elif what == "hide":
            self.world.hide(key, has_event=False)
        else:
            self.world.forget(key)

    @precondition(lambda self: len(self.world.queue) < MOST_WAITING)
    @rule(key=KEY, listed=st.booleans())
    def look(self, key: str, *, listed: bool) -> None:
        self.world.look(key, listed=listed)

    @rule(recipe=st.sampled_from(["p=10", "p=10, q=20", "r=30", BY_PREFIX]))
    def change_recipe(self, recipe: str) -> None:
        self.must_look = True
        self.world.change_recipe(recipe)

    @precondition(lambda self: 0 < len(self.world.queue) < MOST_WAITING)
    @rule(number=ANY)
    def duplicate(self, number: int) -> None:
        self.world.duplicate(number)

    @precondition(lambda self: self.world.queue and len(self.world.workers) < MOST_WORKERS)
    @rule(number=ANY, calls=st.sampled_from([ALL, ALL, 1, 2, 3, 4]), former=st.booleans())
    def deliver(self, number: int, calls: int, *, former: bool) -> None:
        self.world.deliver(number, calls, former=former)

    @precondition(lambda self: len(self.world.workers) < MOST_WORKERS)
    @rule(key=KEY, variant=st.sampled_from(VARIANTS), calls=st.sampled_from([ALL, 1, 3, 5]))
    def visit(self, key: str, variant: str, calls: int) -> None:
        self.world.go_on_with(self.world.visit(key, variant), calls)

    @precondition(lambda self: self.world.workers)
    @rule(number=ANY, retried=st.booleans())
    def stall(self, number: int, *, retried: bool) -> None:
        workers = self.world.workers
        self.world.stall(workers[number % len(workers)], retried=retried)

    @precondition(lambda self: self.world.late)
    @rule(number=ANY)
    def land(self, number: int) -> None:
        self.world.land(number)

    @precondition(lambda self: not self.world.workers)
    @rule(days=st.sampled_from([2, 31]))
    def wait(self, days: int) -> None:
        self.world.wait(days)

    @precondition(lambda self: self.world.queue)
    @rule(one=ANY, other=ANY, turns=st.lists(st.booleans(), max_size=14))
    def race(self, one: int, other: int, turns: list[bool]) -> None:
        self.world.race(one, other, turns)

    @precondition(lambda self: self.world.workers)
    @rule(number=ANY, calls=st.sampled_from([ALL, 1, 2, 3]))
    def go_on(self, number: int, calls: int) -> None:
        self.world.go_on(number, calls)

    @precondition(lambda self: self.world.workers)
    @rule(number=ANY, crash=st.booleans())
    def trouble(self, number: int, *, crash: bool) -> None:
        self.world.trouble(number, Killed() if crash else slow_down())


class Readers(Pipeline):
    """The same without equal bytes; readers read after every call."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(unlike=True, on_request=True)
        self.must_look = False

    @rule(key=KEY)
    def remove(self, key: str) -> None:
        self.world.hide(key)

    @precondition(lambda self: False)  # noqa: ARG005  # its rule may never apply
    @rule()
    def lose(self) -> None:
        """Left out: a lost record breaks the promise to readers."""

    @precondition(lambda self: False)  # noqa: ARG005  # as above
    @rule()
    def look(self) -> None:
        """Left out: a reconciliation and a delayed event make the same bytes twice.

        If a third worker removes renditions at that moment, one may be missing until the next
        reconciliation.
        """


SEARCH = settings(
    max_examples=int(os.environ.get("SEARCH_EXAMPLES", "150")),
    stateful_step_count=30,
    suppress_health_check=list(HealthCheck),
)
TestPipeline = Pipeline.TestCase
TestPipeline.settings = SEARCH
TestReaders = Readers.TestCase
TestReaders.settings = SEARCH
