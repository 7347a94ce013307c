"""The only place that builds real parts: settings → clients → stores → what workflows need."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError

from imagemill.config import ApiSettings, Places, ResizeSettings
from imagemill.errors import SetupFailed
from imagemill.imaging.sniff import sniff
from imagemill.stores.dynamodb import RecordsTable
from imagemill.stores.eventbridge import EventBus, NoBus
from imagemill.stores.feed import Feed
from imagemill.stores.links import Links
from imagemill.stores.models import lean_session
from imagemill.stores.s3 import OriginalsBucket, RenditionsBucket
from imagemill.stores.sqs import DeadLetters, WorkQueue
from imagemill.stores.stacks import stack_outputs
from imagemill.workflows.accept import Reception
from imagemill.workflows.clock import SystemClock
from imagemill.workflows.withdraw import Exit

if TYPE_CHECKING:
    import boto3
    from botocore.session import Session

    from imagemill.recipe import Recipe
    from imagemill.stores.archive import Archive
    from imagemill.stores.http import ApiLibrary
    from imagemill.stores.runs import Runs
    from imagemill.workflows.backfill import Site
    from imagemill.workflows.room import Budget
    from imagemill.workflows.workshop import Workshop

CLIENT_CONFIG = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=32,
    signature_version="s3v4",
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
)
"""Gives up soon enough that the tries of a picture fit into the function's time.

Addresses that are signed name the bucket's own region: a browser cannot follow the redirect that a
new bucket answers with elsewhere.
"""

_LEAN_CONFIG = CLIENT_CONFIG.merge(Config(user_agent="imagemill", parameter_validation=False))
"""The same for the functions, which make thousands of calls with parameters of our own making.

botocore would work out anew for each what it is called and whether its parameters are right, which
takes about as long as signing it.
"""


@cache
def resize_workshop() -> "Workshop":
    """Return what ResizeImageFunction works with; built from the environment on the first call."""
    from imagemill.imaging import Limits, render  # noqa: PLC0415  # the API never loads a decoder
    from imagemill.imaging.fastjpeg import prepare  # noqa: PLC0415  # as above
    from imagemill.workflows.workshop import Workshop  # noqa: PLC0415

    settings = ResizeSettings.read(os.environ)
    if settings.jpeg_sandbox:
        prepare()  # once: each picture is rendered in a fork, which has it from here
    s3 = _lean_client("s3")
    return Workshop(
        records=RecordsTable(_lean_client("dynamodb"), settings.places.table),
        originals=OriginalsBucket(s3, settings.places.originals_bucket),
        renditions=RenditionsBucket(s3, settings.places.processed_bucket),
        recipe=settings.recipe,
        limits=Limits(
            max_bytes=settings.max_bytes,
            max_pixels=settings.max_pixels,
            max_frames=settings.max_frames,
            max_memory_bytes=memory_budget().render_bytes,
        ),
        clock=SystemClock(),
        max_attempts=settings.max_attempts,
        render=partial(render, sandboxed=settings.jpeg_sandbox),
    )


@cache
def memory_budget() -> "Budget":
    """Return how ResizeImageFunction's memory is shared out; worked out on the first call."""
    from imagemill.workflows.room import share_out  # noqa: PLC0415  # as above

    return share_out(ResizeSettings.read(os.environ).memory_mb)


@cache
def event_bus() -> EventBus | NoBus:
    """Return the bus that ResizeImageFunction announces on; built on the first call."""
    settings = ResizeSettings.read(os.environ)
    if not settings.event_bus:
        return NoBus()
    return EventBus(_lean_client("events"), settings.event_bus, settings.places)


@dataclass(frozen=True, slots=True)
class ApiDesk:
    """What ApiImageUploadFunction works with."""

    records: RecordsTable
    feed: Feed
    reception: Reception
    exit: Exit
    links: Links
    cors_origin: str

    def new_token(self) -> str:
        """Return a text that no other upload has (128 bits, URL-safe)."""
        return secrets.token_urlsafe(16)


@cache
def api_desk() -> ApiDesk:
    """Return what ApiImageUploadFunction works with; built from the environment on first call."""
    settings = ApiSettings.read(os.environ)
    places, clock = settings.places, SystemClock()
    s3 = _lean_client("s3")
    dynamodb = _lean_client("dynamodb")
    records = RecordsTable(dynamodb, places.table)
    originals = OriginalsBucket(s3, places.originals_bucket)
    return ApiDesk(
        records=records,
        feed=Feed(dynamodb, places.table),
        reception=Reception(records, originals, clock, settings.max_bytes, sniff),
        exit=Exit(records, originals, clock),
        links=Links(s3, places.originals_bucket, places.processed_bucket),
        cors_origin=settings.cors_origin,
    )


@dataclass(frozen=True, slots=True)
class Library:
    """A stack in the hands of somebody with AWS credentials: what the commands work with."""

    originals: OriginalsBucket
    renditions: RenditionsBucket
    records: RecordsTable
    feed: Feed
    dead_letters: DeadLetters
    stack: str
    credentials: "Credentials"

    def yard(self) -> "Yard":
        """Return what backfills work with; raises SetupFailed for a stack that has none."""
        return open_yard(self)


@dataclass(frozen=True, slots=True)
class Yard:
    """A stack as backfills see it: all of it, its recipe, and what sets it to work."""

    archive: "Archive"
    runs: "Runs"
    site: "Site"
    recipe: "Recipe"


@dataclass(frozen=True, slots=True)
class Queues:
    """The addresses of a stack's queues."""

    events: str
    dead_letters: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to reach AWS; what is left out comes from the usual places (profile, environment)."""

    profile: str | None = None
    region: str | None = None
    endpoint: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None


def open_stack(stack: str, credentials: Credentials) -> Library:
    """Return the stores of a stack on AWS; raises SetupFailed if there is none."""
    with _explained():
        client = _session(credentials).client(
            "cloudformation", endpoint_url=credentials.endpoint, config=CLIENT_CONFIG
        )
    outputs = stack_outputs(client, stack)
    try:
        places = Places(
            originals_bucket=outputs["OriginalsBucketName"],
            processed_bucket=outputs["ProcessedBucketName"],
            table=outputs["TableName"],
        )
        queues = Queues(outputs["QueueUrl"], outputs["DeadLetterQueueUrl"])
    except KeyError as missing:
        raise SetupFailed(
            f"the stack {stack!r} is not imagemill's: it has no output {missing}"
        ) from missing
    return open_library(places, queues, credentials, stack)


def open_library(places: Places, queues: Queues, credentials: Credentials, stack: str) -> Library:
    """Return the stores of a stack; nothing is asked of AWS before they are used."""
    endpoint = credentials.endpoint
    with _explained():
        session = _session(credentials)
        s3 = session.client("s3", endpoint_url=endpoint, config=CLIENT_CONFIG)
        dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=CLIENT_CONFIG)
        sqs = session.client("sqs", endpoint_url=endpoint, config=CLIENT_CONFIG)
    return Library(
        originals=OriginalsBucket(s3, places.originals_bucket),
        renditions=RenditionsBucket(s3, places.processed_bucket),
        records=RecordsTable(dynamodb, places.table),
        feed=Feed(dynamodb, places.table),
        dead_letters=DeadLetters(sqs, queues.dead_letters, queues.events),
        stack=stack,
        credentials=credentials,
    )


def open_yard(library: Library) -> Yard:
    """Return what backfills work with; raises SetupFailed for a stack that has none."""
    from imagemill.recipe import Recipe  # noqa: PLC0415  # the functions do no backfills
    from imagemill.stores.archive import Archive  # noqa: PLC0415
    from imagemill.stores.runs import Runs  # noqa: PLC0415
    from imagemill.workflows.backfill import Site  # noqa: PLC0415
    from imagemill.workflows.estimate import Terms  # noqa: PLC0415

    outputs = _backfill_outputs(library)
    endpoint = library.credentials.endpoint
    session = _session(library.credentials)
    states = session.client("stepfunctions", endpoint_url=endpoint, config=_states_config(endpoint))
    s3 = session.client("s3", endpoint_url=endpoint, config=CLIENT_CONFIG)
    dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=CLIENT_CONFIG)
    sqs = session.client("sqs", endpoint_url=endpoint, config=CLIENT_CONFIG)
    recipe = Recipe.parse(outputs["Recipe"])
    runs = Runs(states, dynamodb, outputs["BackfillStateMachineArn"], outputs["BackfillsTableName"])
    site = Site(
        runs=runs,
        queue=WorkQueue(sqs, outputs["QueueUrl"]),
        records=library.records,
        renditions=library.renditions,
        clock=SystemClock(),
        pause=time.sleep,
        terms=Terms(int(outputs["MaxConcurrency"]), len(recipe.presets)),
    )
    places = Places(
        outputs["OriginalsBucketName"], outputs["ProcessedBucketName"], outputs["TableName"]
    )
    return Yard(Archive(s3, dynamodb, places), runs, site, recipe)


def _backfill_outputs(library: Library) -> dict[str, str]:
    with _explained():
        client = _session(library.credentials).client(
            "cloudformation", endpoint_url=library.credentials.endpoint, config=CLIENT_CONFIG
        )
    outputs = stack_outputs(client, library.stack)
    if "BackfillStateMachineArn" not in outputs:
        raise SetupFailed(f"the stack {library.stack!r} knows no backfills yet: deploy it anew")
    return outputs


def _states_config(endpoint: str | None) -> Config:
    """Return the client's configuration; the embedded AWS has no host names in front of its own."""
    return CLIENT_CONFIG.merge(Config(inject_host_prefix=False)) if endpoint else CLIENT_CONFIG


def open_api(address: str, key: str) -> "ApiLibrary":
    """Return a stack as its REST API shows it; nothing is asked of it before it is used."""
    from imagemill.stores.http import ApiLibrary  # noqa: PLC0415  # functions have no httpx

    return ApiLibrary.at(address, key)


@contextmanager
def _explained() -> Iterator[None]:
    """Raise SetupFailed where a profile or a region is missing or wrong."""
    try:
        yield
    except (BotoCoreError, ValueError) as fault:
        raise SetupFailed(f"AWS cannot be used: {fault}") from fault


@cache
def _lean_session() -> "Session":
    return lean_session()


def _lean_client(service: str) -> Any:  # noqa: ANN401  # the client of whatever service is asked for
    """Return one of the functions' clients, which are quicker to make than boto3's."""
    return _lean_session().create_client(service, config=_LEAN_CONFIG)


def _session(credentials: Credentials) -> "boto3.Session":
    import boto3  # noqa: PLC0415  # the functions never load it

    return boto3.Session(
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        profile_name=credentials.profile,
        region_name=credentials.region,
    )
