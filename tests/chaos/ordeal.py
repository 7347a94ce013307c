"""One ordeal of the whole pipeline: a storm, a restart in the middle, calm, and the reckoning."""

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
from chaos.files import in_folder, mixed
from chaos.ledger import Finding, Ledger, reckon
from chaos.plan import Deed, key_of, plan, side_by_side
from chaos.proxy import proxy
from chaos.storm import Killer, Postman, Users, at_random
from chaos.truth import look
from chaos.weather import EVERY_TROUBLE, Trouble, Weather
from live.stack import Stack, unused_port
from live.subscriber import Subscriber

from imagemill.aws.queues import DeadLetterQueue
from imagemill.aws.records_table import RecordsTable
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
_DIFFERENT = 90
"""Files drawn for a run; keys share them."""
_USERS = 8
_GROUP = 24
_MOST_WAITING = 120
"""Messages that may wait before users go on: their deeds are to meet the work, not to outrun it."""
_POST_S, _KILL_WORKER_S, _KILL_RENDERER_S = 1.0, 10.0, 1.0
"""Longest pauses between two rounds of the postman and between two strikes."""
_SILENCE_S = 3.0
"""Without a request for so long nobody is at work any more, not even on what others did since."""
_SETTLED_S = 0.5
"""Time for notifications under way to arrive."""
_CALM_SHARE = 0.9
"""Part of the time granted by which the calm has to come; the reckoning needs the rest."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run: chance, keys, the longest storm, the end, a folder to mix in, troubles to meet."""

    seed: int
    files: int
    storm_s: float
    most_s: float
    images: Path | None = None
    troubles: frozenset[Trouble] = EVERY_TROUBLE


@dataclass
class Scene:
    """The pipeline in a storm."""

    stack: Stack
    dynamodb: "DynamoDBClient"
    subscriber: Subscriber
    emulator: "Emulator"
    weather: Weather
    users: Users
    postman: Postman
    killer: Killer
    started: float

    def say(self, what: str) -> None:
        """Tell how far it is, on stderr."""
        sys.stderr.write(f"{time.monotonic() - self.started:6.1f} s  {what}\n")

    def waiting(self) -> int:
        """Return how many messages are in the queue, at work, or delayed."""
        names = ("", "NotVisible", "Delayed")
        asked = [f"ApproximateNumberOfMessages{name}" for name in names]
        found = self.stack.sqs.get_queue_attributes(
            QueueUrl=self.stack.address.queue_url,
            AttributeNames=asked,  # type: ignore[arg-type]  # made of the names it takes
        )
        return sum(int(found["Attributes"][name]) for name in asked)  # type: ignore[index, misc]  # same


def undergo(wanted: Wanted) -> tuple[Ledger, list[Finding]]:
    """Run it all and return the sums and every finding."""
    random = Random(wanted.seed)  # noqa: S311  # chance, not secrets
    contents = mixed(random, min(_DIFFERENT, wanted.files)) + in_folder(wanted.images)
    keys = [key_of(random, number) for number in range(wanted.files)]
    deeds = plan(random, keys, len(contents))
    with _scene(random, contents, wanted.troubles) as scene:
        _storm(scene, deeds, random, scene.started + wanted.storm_s)
        scene.say(f"the storm is over: {_story(scene)}")
        _calm(scene, scene.started + wanted.most_s * _CALM_SHARE)
        seen = look(scene.stack, scene.dynamodb, scene.subscriber, scene.users.keys)
        scene.say("reckoning")
        ledger, findings = reckon(
            seen, partial(render, recipe=Recipe.parse(RECIPE), limits=_LIMITS)
        )
        ledger.troubles = dict(sorted(scene.weather.met.items()))
        scene.say(_after_late_writes(findings, scene.weather.late))
        return ledger, findings


@contextmanager
def _scene(random: Random, contents: list[bytes], troubles: frozenset[Trouble]) -> Iterator[Scene]:
    """Run the stack in a folder of its own, with a proxy between the resizer and AWS."""
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
        weather = Weather(_child(random), troubles=troubles)
        endpoint = cleanup.enter_context(proxy(address.endpoint, weather))
        clients = partial(session.client, endpoint_url=address.endpoint)
        _send_resizer_through(endpoint, clients("lambda"))
        s3, sqs, dynamodb = clients("s3"), clients("sqs"), clients("dynamodb")
        yield Scene(
            stack=Stack(address, s3, sqs, RecordsTable(dynamodb, address.table)),
            dynamodb=dynamodb,
            subscriber=Subscriber(clients("events"), sqs),
            emulator=emulator,
            weather=weather,
            users=Users(s3, address.originals_bucket, contents),
            postman=Postman(sqs, address.queue_url, _child(random)),
            killer=Killer(_child(random)),
            started=started,
        )


@contextmanager
def _own_home(folder: Path) -> Iterator[None]:
    """Leave what runs on this machine otherwise alone: its address is written down at home."""
    before = os.environ.get("XDG_DATA_HOME")
    os.environ["XDG_DATA_HOME"] = str(folder / "home")
    try:
        yield
    finally:
        os.environ.pop("XDG_DATA_HOME")
        if before is not None:
            os.environ["XDG_DATA_HOME"] = before


def _child(random: Random) -> Random:
    """Return chance of its own for one thread, so that no other's haste changes it."""
    return Random(random.random())  # noqa: S311  # chance, not secrets


def _send_resizer_through(endpoint: str, client: "LambdaClient") -> None:
    """Have ResizeImageFunction find AWS behind the proxy."""
    functions = client.list_functions()["Functions"]
    name = next(f["FunctionName"] for f in functions if "Resize" in f["FunctionName"])
    variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    client.update_function_configuration(
        FunctionName=name, Environment={"Variables": {**variables, "AWS_ENDPOINT_URL": endpoint}}
    )


def _storm(scene: Scene, deeds: list[Deed], random: Random, end: float) -> None:
    """Do all deeds in foul weather, and stop and start the cloud halfway."""
    groups = list(side_by_side(deeds, _GROUP))
    held = threading.Event()
    scene.weather.is_calm = False
    with (
        at_random(scene.postman.go_round, _child(random), _POST_S, held),
        at_random(scene.killer.kill_worker, _child(random), _KILL_WORKER_S, held),
        at_random(scene.killer.kill_renderer, _child(random), _KILL_RENDERER_S, held),
    ):
        for number, group in enumerate(groups):
            _do(scene, group, end)
            if number == len(groups) // 2:
                held.set()
                _restart(scene)
                held.clear()
            if number % 5 == 0:
                scene.say(f"{number + 1} of {len(groups)} groups; {scene.waiting()} waiting")
        _wait(scene, _MOST_WAITING // 3, end)
        scene.postman.empty_bag()
    scene.weather.is_calm = True


def _do(scene: Scene, group: list[Deed], end: float) -> None:
    """Do deeds side by side, then let the work come after, but not to the end."""
    with ThreadPoolExecutor(_USERS) as pool:
        list(pool.map(scene.users.do, group))
    _wait(scene, _MOST_WAITING, end)


def _wait(scene: Scene, most_waiting: int, end: float) -> None:
    while scene.waiting() > most_waiting and time.monotonic() < end:
        time.sleep(0.1)


def _restart(scene: Scene) -> None:
    """Stop the cloud in the midst of the work and start it with what it kept.

    The embedded AWS hands notifications over in threads that it does not wait for when it stops,
    which S3 would never do; so no user does anything in the moment before.
    """
    time.sleep(_SETTLED_S)
    scene.say(f"restart with {scene.waiting()} waiting")
    scene.emulator.stop()
    scene.emulator.start()
    scene.say(f"started again with {scene.waiting()} waiting")


def _calm(scene: Scene, end: float) -> None:
    """Wait until all work is done, sending dead letters round again as long as there are any.

    A worker that took too long may still be at it when its messages are gone: another did them.
    """
    address = scene.stack.address
    letters = DeadLetterQueue(scene.stack.sqs, address.dead_letter_queue_url, address.queue_url)
    while time.monotonic() < end:
        _wait(scene, 0, end)
        sent = list(redrive(letters, scene.stack.records, lambda _: True))
        if sent:
            scene.say(f"sent {len(sent)} dead letters round again")
        elif scene.waiting() == 0 and scene.weather.silence_s() > _SILENCE_S:
            return scene.say("calm")
    return scene.say(f"not calm in time: {scene.waiting()} waiting")


def _after_late_writes(findings: list[Finding], late: set[str]) -> str:
    """Say how many findings, by their kind, are about keys that a late request was applied to."""
    kinds = Counter(finding.kind for finding in findings)
    hit = Counter(finding.kind for finding in findings if _is_about(finding.key, late))
    counts = ", ".join(f"{kind} {hit[kind]} of {kinds[kind]}" for kind in kinds)
    return (
        f"{len(late)} keys met a request that was applied late; findings about them: {counts or 0}"
    )


def _is_about(key: str, late: set[str]) -> bool:
    """Return whether a finding's key, an original's or a rendition's, is among these."""
    return any(key in {one, one.partition("/")[2]} for one in late)


def _story(scene: Scene) -> str:
    acts = {act.name.lower(): number for act, number in scene.users.done.items()}
    return (
        f"users {_counted(acts)}; troubles {_counted(scene.weather.met)}; "
        f"messages taken {scene.postman.taken}, brought {scene.postman.brought}; "
        f"killed {scene.killer.workers} workers, {scene.killer.renderers} renderers"
    )


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items())
