"""What the commands work with: a stack in the hands of somebody with AWS credentials."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.feed_index import Feed
from imagemill.aws.queues import DeadLetterQueue, WorkQueue
from imagemill.aws.records_table import RecordsTable
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.aws.stack_outputs import stack_outputs
from imagemill.config import Places
from imagemill.domain.clock import SystemClock
from imagemill.errors import SetupFailed
from imagemill.version import VERSION
from imagemill.wiring.botocore_config import CLIENT_CONFIG

if TYPE_CHECKING:
    from collections.abc import Mapping

    import boto3

    from imagemill.aws.backfill_runs import BackfillRuns
    from imagemill.aws.scan import StackScan
    from imagemill.backfill.execute import BackfillDeps
    from imagemill.domain.record import Judge
    from imagemill.recipe import Recipe
    from imagemill.rest.client import ApiStackClient


@dataclass(frozen=True, slots=True)
class StackParts:
    """A stack in the hands of somebody with AWS credentials: what the commands work with."""

    originals: OriginalsBucket
    renditions: RenditionsBucket
    records: RecordsTable
    feed: Feed
    dead_letters: DeadLetterQueue
    stack: str
    credentials: "Credentials"

    def backfill(self) -> "BackfillParts":
        """Return what backfills work with; raises SetupFailed for a stack that has none."""
        return open_backfill(self)


@dataclass(frozen=True, slots=True)
class BackfillParts:
    """A stack as backfills see it: all of it, its recipe, and what sets it to work."""

    archive: "StackScan"
    runs: "BackfillRuns"
    site: "BackfillDeps"
    recipe: "Recipe"
    judge: "Judge | None" = None
    """Today's version and limits; None for a stack that does not tell them."""


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


def open_stack(stack: str, credentials: Credentials) -> StackParts:
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
    return open_parts(places, queues, credentials, stack)


def open_parts(places: Places, queues: Queues, credentials: Credentials, stack: str) -> StackParts:
    """Return the stores of a stack; nothing is asked of AWS before they are used."""
    endpoint = credentials.endpoint
    with _explained():
        session = _session(credentials)
        s3 = session.client("s3", endpoint_url=endpoint, config=CLIENT_CONFIG)
        dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=CLIENT_CONFIG)
        sqs = session.client("sqs", endpoint_url=endpoint, config=CLIENT_CONFIG)
    return StackParts(
        originals=OriginalsBucket(s3, places.originals_bucket),
        renditions=RenditionsBucket(s3, places.processed_bucket),
        records=RecordsTable(dynamodb, places.table),
        feed=Feed(dynamodb, places.table),
        dead_letters=DeadLetterQueue(sqs, queues.dead_letters, queues.events),
        stack=stack,
        credentials=credentials,
    )


def open_backfill(parts: StackParts) -> BackfillParts:
    """Return what backfills work with; raises SetupFailed for a stack that has none."""
    from imagemill.aws.backfill_runs import BackfillRuns  # noqa: PLC0415
    from imagemill.aws.scan import StackScan  # noqa: PLC0415
    from imagemill.backfill.estimate import EstimateInputs  # noqa: PLC0415
    from imagemill.backfill.execute import BackfillDeps  # noqa: PLC0415
    from imagemill.recipe import Recipe  # noqa: PLC0415  # the functions do no backfills

    outputs = _backfill_outputs(parts)
    endpoint = parts.credentials.endpoint
    session = _session(parts.credentials)
    states = session.client("stepfunctions", endpoint_url=endpoint, config=_states_config(endpoint))
    s3 = session.client("s3", endpoint_url=endpoint, config=CLIENT_CONFIG)
    dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=CLIENT_CONFIG)
    sqs = session.client("sqs", endpoint_url=endpoint, config=CLIENT_CONFIG)
    recipe = Recipe.parse(outputs["Recipe"])
    runs = BackfillRuns(
        states, dynamodb, outputs["BackfillStateMachineArn"], outputs["BackfillsTableName"]
    )
    site = BackfillDeps(
        runs=runs,
        queue=WorkQueue(sqs, outputs["QueueUrl"]),
        records=parts.records,
        renditions=parts.renditions,
        clock=SystemClock(),
        pause=time.sleep,
        terms=EstimateInputs(
            int(outputs["MaxConcurrency"]), len(recipe.presets), int(outputs["MemorySize"])
        ),
    )
    places = Places(
        outputs["OriginalsBucketName"], outputs["ProcessedBucketName"], outputs["TableName"]
    )
    return BackfillParts(StackScan(s3, dynamodb, places), runs, site, recipe, _judge(outputs))


def _judge(outputs: "Mapping[str, str]") -> "Judge | None":
    """Return what the resizer goes by, as far as the stack's outputs tell."""
    from imagemill.domain.record import Judge  # noqa: PLC0415  # the functions do no backfills
    from imagemill.pipeline.concurrency import share_out  # noqa: PLC0415

    if "MaxPixels" not in outputs:
        return None
    return Judge(
        version=VERSION,
        max_bytes=int(outputs["MaxBytes"]),
        max_pixels=int(outputs["MaxPixels"]),
        max_frames=int(outputs["MaxFrames"]),
        max_memory_bytes=share_out(int(outputs["MemorySize"])).render_bytes,
    )


def _backfill_outputs(parts: StackParts) -> dict[str, str]:
    with _explained():
        client = _session(parts.credentials).client(
            "cloudformation", endpoint_url=parts.credentials.endpoint, config=CLIENT_CONFIG
        )
    outputs = stack_outputs(client, parts.stack)
    if "BackfillStateMachineArn" not in outputs:
        raise SetupFailed(f"the stack {parts.stack!r} knows no backfills yet: deploy it anew")
    return outputs


def _states_config(endpoint: str | None) -> Config:
    """Return the client's configuration; the embedded AWS has no host names in front of its own."""
    return CLIENT_CONFIG.merge(Config(inject_host_prefix=False)) if endpoint else CLIENT_CONFIG


def open_api(address: str, key: str) -> "ApiStackClient":
    """Return a stack as its REST API shows it; nothing is asked of it before it is used."""
    from imagemill.rest.client import ApiStackClient  # noqa: PLC0415  # functions have no httpx

    return ApiStackClient.at(address, key)


@contextmanager
def _explained() -> Iterator[None]:
    """Raise SetupFailed where a profile or a region is missing or wrong."""
    try:
        yield
    except (BotoCoreError, ValueError) as fault:
        raise SetupFailed(f"AWS cannot be used: {fault}") from fault


def _session(credentials: Credentials) -> "boto3.Session":
    import boto3  # noqa: PLC0415  # the functions never load it

    return boto3.Session(
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        profile_name=credentials.profile,
        region_name=credentials.region,
    )
