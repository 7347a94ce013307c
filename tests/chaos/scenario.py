"""One run: users and faults with a restart in the middle, then idle, then the audit."""

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import boto3
from chaos.audit import Finding, Summary, audit
from chaos.disturbances import ProcessKiller, QueueDisturber, Users, repeat_at_random
from chaos.faults import ALL_FAULTS, FaultInjector, FaultKind
from chaos.files import in_folder, mixed
from chaos.final_state import read_final_state
from chaos.proxy import proxy
from chaos.user_actions import ActionSequence, concurrent_groups, object_key, plan_actions
from chaos.visitors import Visitors
from live.stack import Stack, unused_port
from live.subscriber import Subscriber

from imagemill.aws.queues import DeadLetterQueue
from imagemill.aws.records_table import RecordsTable
from imagemill.aws.stack_outputs import stack_outputs
from imagemill.config import DEFAULT_MAX_BYTES, DEFAULT_MAX_FRAMES, DEFAULT_MAX_PIXELS
from imagemill.imaging import Limits, render
from imagemill.local.up import UpOptions, cloud
from imagemill.operations.dead_letters import redrive
from imagemill.recipe import Recipe

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_lambda.client import LambdaClient

    from imagemill.local.emulator import Emulator

RECIPE = "500, thumb=100x100:cover:webp"
_PARAMETERS = {"RetrySeconds": "8", "MaxConcurrency": "6"}
_LIMITS = Limits(
    max_bytes=DEFAULT_MAX_BYTES, max_pixels=DEFAULT_MAX_PIXELS, max_frames=DEFAULT_MAX_FRAMES
)
# Number of different generated files; keys share them.
_DIFFERENT = 90
# Threads that put and delete at the same time.
_USERS = 8
# Action sequences between two checks of the queue.
_GROUP = 24
# Messages in the queue above which users pause, so that their actions meet running work.
_MOST_WAITING = 120
# Longest pauses before the queue is disturbed, and before a process of each kind is killed.
_DISTURB_S, _KILL_WORKER_S, _KILL_RENDERER_S = 1.0, 10.0, 1.0
# Seconds without a request after which no worker is active.
_IDLE_S = 3.0
# Time within which S3 notifications arrive in the queue.
_NOTIFICATION_S = 0.5
# Visitors at the same time, and the longest pause of each between two visits, s.
_VISITORS, _VISIT_S = 3, 0.2
# Share of the time limit by which the stack must be idle; the audit needs the rest.
_IDLE_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class ScenarioOptions:
    """Options of a run: seed, number of keys, times in s, a folder of further files, faults."""

    seed: int
    files: int
    faults_s: float
    limit_s: float
    images: Path | None = None
    fault_kinds: frozenset[FaultKind] = ALL_FAULTS


@dataclass
class Setup:
    """The running stack and everything that disturbs it."""

    stack: Stack
    dynamodb: "DynamoDBClient"
    subscriber: Subscriber
    emulator: "Emulator"
    injector: FaultInjector
    users: Users
    disturber: QueueDisturber
    killer: ProcessKiller
    visitors: Visitors
    started: float

    def log(self, message: str) -> None:
        """Write progress to stderr."""
        sys.stderr.write(f"{time.monotonic() - self.started:6.1f} s  {message}\n")

    def waiting(self) -> int:
        """Return the number of messages in the queue: visible, in flight and delayed."""
        names = ("", "NotVisible", "Delayed")
        asked = [f"ApproximateNumberOfMessages{name}" for name in names]
        found = self.stack.sqs.get_queue_attributes(
            QueueUrl=self.stack.address.queue_url,
            AttributeNames=asked,  # type: ignore[arg-type]  # built from literals
        )
        return sum(int(found["Attributes"][name]) for name in asked)  # type: ignore[index, misc]  # same


def run_scenario(options: ScenarioOptions) -> tuple[Summary, list[Finding]]:
    """Run users against the disturbed stack, wait until it is idle, and audit its state."""
    random = Random(options.seed)  # noqa: S311  # not a secret
    contents = mixed(random, min(_DIFFERENT, options.files)) + in_folder(options.images)
    keys = [object_key(random, number) for number in range(options.files)]
    sequences = plan_actions(random, keys, len(contents))
    with _running_setup(random, contents, options.fault_kinds) as setup:
        held, end = threading.Event(), setup.started + options.limit_s * _IDLE_SHARE
        with _visits(setup, random, held):
            _run_with_faults(setup, sequences, random, setup.started + options.faults_s, held)
            setup.log(f"faults stopped: {_totals(setup)}")
            # Visitors also meet the end of the work, when most images are ready.
            _wait(setup, 0, end)
        setup.log(f"visits stopped: {_counted(setup.visitors.done)}")
        _wait_until_idle(setup, end)
        state = read_final_state(setup.stack, setup.dynamodb, setup.subscriber, setup.users.keys)
        setup.log("audit")
        summary, findings = audit(
            state, partial(render, recipe=Recipe.parse(RECIPE), limits=_LIMITS)
        )
        summary.faults = dict(sorted(setup.injector.counts.items()))
        setup.log(_after_late_writes(findings, setup.injector.late_keys))
        return summary, findings


@contextmanager
def _running_setup(
    random: Random, contents: list[bytes], kinds: frozenset[FaultKind]
) -> Iterator[Setup]:
    """Run the stack in a temporary folder, with a proxy between the resize function and AWS."""
    started = time.monotonic()
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(TemporaryDirectory()))
        cleanup.enter_context(_own_home(folder))
        emulator, address = cleanup.enter_context(
            cloud(UpOptions(unused_port(), folder / "data", RECIPE, _PARAMETERS))
        )
        session = boto3.Session(
            address.aws_access_key_id, address.aws_secret_access_key, region_name=address.region
        )
        injector = FaultInjector(_child(random), kinds=kinds)
        endpoint = cleanup.enter_context(proxy(address.endpoint, injector))
        clients = partial(session.client, endpoint_url=address.endpoint)
        _send_resizer_through(endpoint, clients("lambda"))
        s3, sqs, dynamodb = clients("s3"), clients("sqs"), clients("dynamodb")
        users = Users(s3, address.originals_bucket, contents)
        outputs = stack_outputs(clients("cloudformation"), address.stack)
        yield Setup(
            stack=Stack(address, s3, sqs, RecordsTable(dynamodb, address.table)),
            dynamodb=dynamodb,
            subscriber=Subscriber(clients("events"), sqs),
            emulator=emulator,
            injector=injector,
            users=users,
            disturber=QueueDisturber(sqs, address.queue_url, _child(random)),
            killer=ProcessKiller(_child(random)),
            visitors=Visitors(
                address,
                endpoint,
                outputs["VariantsTableName"],
                lambda: users.keys,
                _child(random),
            ),
            started=started,
        )


@contextmanager
def _own_home(folder: Path) -> Iterator[None]:
    """Point XDG_DATA_HOME to a folder, so that the address file of another stack stays intact."""
    before = os.environ.get("XDG_DATA_HOME")
    os.environ["XDG_DATA_HOME"] = str(folder / "home")
    try:
        yield
    finally:
        os.environ.pop("XDG_DATA_HOME")
        if before is not None:
            os.environ["XDG_DATA_HOME"] = before


def _child(random: Random) -> Random:
    """Return a generator for one thread, whose values do not depend on the order of threads."""
    return Random(random.random())  # noqa: S311  # not a secret


def _send_resizer_through(endpoint: str, client: "LambdaClient") -> None:
    """Set the endpoint of ResizeImageFunction to the proxy."""
    functions = client.list_functions()["Functions"]
    name = next(f["FunctionName"] for f in functions if "Resize" in f["FunctionName"])
    variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    client.update_function_configuration(
        FunctionName=name, Environment={"Variables": {**variables, "AWS_ENDPOINT_URL": endpoint}}
    )


def _run_with_faults(
    setup: Setup,
    sequences: list[ActionSequence],
    random: Random,
    end: float,
    held: threading.Event,
) -> None:
    """Run all sequences under faults, and restart the embedded AWS halfway.

    `held` is set while it is not running.
    """
    groups = list(concurrent_groups(sequences, _GROUP))
    setup.injector.is_paused = False
    with (
        repeat_at_random(setup.disturber.disturb, _child(random), _DISTURB_S, held),
        repeat_at_random(setup.killer.kill_worker, _child(random), _KILL_WORKER_S, held),
        repeat_at_random(setup.killer.kill_renderer, _child(random), _KILL_RENDERER_S, held),
    ):
        for number, group in enumerate(groups):
            _run_group(setup, group, end)
            if number == len(groups) // 2:
                held.set()
                _restart(setup)
                held.clear()
            if number % 5 == 0:
                setup.log(f"{number + 1} of {len(groups)} groups; {setup.waiting()} waiting")
        _wait(setup, _MOST_WAITING // 3, end)
        setup.disturber.resend_all()
    setup.injector.is_paused = True


@contextmanager
def _visits(setup: Setup, random: Random, held: threading.Event) -> Iterator[None]:
    """Let visitors request variants of the users' keys."""
    with ExitStack() as cleanup:
        for _ in range(_VISITORS):
            visit = repeat_at_random(setup.visitors.visit, _child(random), _VISIT_S, held)
            cleanup.enter_context(visit)
        yield


def _run_group(setup: Setup, group: list[ActionSequence], end: float) -> None:
    """Run sequences concurrently, then wait until the queue is short, but not empty."""
    with ThreadPoolExecutor(_USERS) as pool:
        list(pool.map(setup.users.do, group))
    _wait(setup, _MOST_WAITING, end)


def _wait(setup: Setup, most_waiting: int, end: float) -> None:
    while setup.waiting() > most_waiting and time.monotonic() < end:
        time.sleep(0.1)


def _restart(setup: Setup) -> None:
    """Stop the embedded AWS while functions are running, and start it with its stored state.

    At a stop the embedded AWS loses notifications that its threads have not delivered yet; S3 does
    not. So no user acts in the moment before.
    """
    time.sleep(_NOTIFICATION_S)
    setup.log(f"restart with {setup.waiting()} waiting")
    setup.emulator.stop()
    setup.emulator.start()
    setup.log(f"restarted with {setup.waiting()} waiting")


def _wait_until_idle(setup: Setup, end: float) -> None:
    """Wait until all work is done; redrive dead letters as long as there are any.

    An empty queue is not enough: a worker that exceeded its visibility timeout may still be writing
    after another worker has handled and deleted its messages.
    """
    address = setup.stack.address
    letters = DeadLetterQueue(setup.stack.sqs, address.dead_letter_queue_url, address.queue_url)
    while time.monotonic() < end:
        _wait(setup, 0, end)
        sent = list(redrive(letters, setup.stack.records, lambda _: True))
        if sent:
            setup.log(f"redrove {len(sent)} dead letters")
        elif setup.waiting() == 0 and setup.injector.idle_s() > _IDLE_S:
            return setup.log("idle")
    return setup.log(f"not idle in time: {setup.waiting()} waiting")


def _after_late_writes(findings: list[Finding], late: set[str]) -> str:
    """Return how many findings of each kind are about keys that received a late request."""
    kinds = Counter(finding.kind for finding in findings)
    hit = Counter(finding.kind for finding in findings if _is_about(finding.key, late))
    counts = ", ".join(f"{kind} {hit[kind]} of {kinds[kind]}" for kind in kinds)
    return f"{len(late)} keys received a late request; findings about them: {counts or 0}"


def _is_about(key: str, late: set[str]) -> bool:
    """Return whether the key of a finding (original or rendition) belongs to one of these keys."""
    return any(key in {one, one.partition("/")[2]} for one in late)


def _totals(setup: Setup) -> str:
    actions = {action.name.lower(): number for action, number in setup.users.done.items()}
    return (
        f"users {_counted(actions)}; faults {_counted(setup.injector.counts)}; "
        f"messages received {setup.disturber.received}, sent {setup.disturber.sent}; "
        f"killed {setup.killer.workers} workers, {setup.killer.renderers} renderers"
    )


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items())
