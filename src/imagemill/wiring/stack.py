"""The dependencies of the commands: the stores of a deployed stack."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.config import Config

from imagemill.api.focus import change_focus
from imagemill.api.folders import FolderDeps, FolderPage, FolderRequest, list_folder
from imagemill.api.look import LookDeps
from imagemill.api.read import Page
from imagemill.api.reprocess import reprocess
from imagemill.api.search import search
from imagemill.aws.feed_index import Feed
from imagemill.aws.file_originals import FileOriginalsBucket
from imagemill.aws.image_index import ImageIndexes
from imagemill.aws.key_listing import OriginalKeys
from imagemill.aws.original_copies import OriginalCopies
from imagemill.aws.queues import DeadLetterQueue, LookQueue, WorkQueue
from imagemill.aws.record_batches import RecordBatches
from imagemill.aws.records_table import RecordsTable
from imagemill.aws.renditions_bucket import CommandRenditionsBucket
from imagemill.aws.stack_outputs import stack_outputs
from imagemill.config import StackNames
from imagemill.dataclass import dataclass
from imagemill.domain.caller import EVERYTHING, Caller
from imagemill.domain.clock import SystemClock
from imagemill.domain.event import Focus
from imagemill.domain.image_query import ImageQuery
from imagemill.domain.record import ImageRecord
from imagemill.errors import OriginalsReadOnly, SetupFailed
from imagemill.file_parts import PartOptions, SavedUploads
from imagemill.version import VERSION
from imagemill.wiring.botocore_config import CLIENT_CONFIG
from imagemill.wiring.session import Credentials, explained, session_of
from imagemill.wiring.webhook_dead_letters import open_webhook_dead_letters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagemill.aws.backfill_runs import BackfillRuns
    from imagemill.aws.scan import StackScan
    from imagemill.backfill.execute import BackfillDeps
    from imagemill.domain.ignored import KeyFilter
    from imagemill.domain.key_rules import KeyRules
    from imagemill.domain.record import EngineLimits
    from imagemill.recipe_rules import RecipeRules
    from imagemill.wiring.stack_shares import StackShares


# IAM decides on the rights of a command.
_OPERATOR = Caller("", EVERYTHING)


@dataclass(frozen=True, slots=True)
class StackParts:
    """The stores of a stack, for commands; `gallery` is its URL if the outputs have another."""

    originals: FileOriginalsBucket
    renditions: CommandRenditionsBucket
    records: RecordsTable
    feed: Feed
    dead_letters: DeadLetterQueue
    looks: LookQueue
    folders: FolderDeps
    index: ImageIndexes
    copies: OriginalCopies
    stack: str
    credentials: Credentials
    gallery: str = ""

    def webhook_dead_letters(self) -> DeadLetterQueue:
        """Return the dead letters of the webhooks; raises SetupFailed if the stack sends none."""
        return open_webhook_dead_letters(self.stack, self.credentials)

    def key_rules(self) -> "KeyRules":
        """Return the action of the stack for each key; raises SetupFailed for a former stack."""
        from imagemill.domain.key_rules import KeyRules  # noqa: PLC0415  # as for backfills
        from imagemill.recipe_rules import RecipeRules  # noqa: PLC0415

        outputs = _backfill_outputs(self)
        return KeyRules(RecipeRules.parse(outputs["Recipe"]), _keys(outputs))

    def change_focus(self, image: str, focus: Focus | None) -> ImageRecord:
        """Set or remove the focal point of the image with this id, and return its record."""
        return change_focus(image, focus, LookDeps(self.records, self.looks), _OPERATOR)

    def reprocess(self, image: str) -> ImageRecord:
        """Have the image with this id made again, and return its record."""
        return reprocess(image, LookDeps(self.records, self.looks), _OPERATOR)

    def move(self, image: str, folder: str) -> ImageRecord:
        """Move the image with this id to a folder, and return the record of its new key.

        Raises OriginalsReadOnly for an existing bucket.
        """
        from imagemill.api.move import MoveDeps, move_original  # noqa: PLC0415  # as for backfills

        rules = self.key_rules()
        if rules.keys is not None:
            raise OriginalsReadOnly("the stack has an existing bucket of originals")
        deps = MoveDeps(self.records, self.copies, SystemClock(), is_ignored=rules.ignores)
        return move_original(image, folder, deps, _OPERATOR)

    def list_folder(self, request: FolderRequest) -> FolderPage:
        """Return a page of a folder."""
        return list_folder(request, self.folders, _OPERATOR)

    def search(self, limit: int, cursor: str | None, query: ImageQuery) -> Page:
        """Return a page of a search."""
        return search(limit, cursor, query, self.index, _OPERATOR)

    def shares(self) -> "StackShares":
        """Return the share links; raises SetupFailed for a stack without them."""
        from imagemill.wiring.stack_shares import Account, open_shares  # noqa: PLC0415

        with explained():
            account = Account(session_of(self.credentials), self.credentials.endpoint)
            return open_shares(self.stack, account, self.records, self.gallery)

    def backfill(self) -> "BackfillParts":
        """Return the dependencies of backfills; raises SetupFailed for a stack without them."""
        return open_backfill(self)


@dataclass(frozen=True, slots=True)
class BackfillParts:
    """The dependencies of backfills.

    `engine` holds the present version and limits; None for a stack whose outputs lack them. `keys`
    are those that are processed in an existing bucket of originals; None for a bucket of the stack.
    """

    scan: "StackScan"
    runs: "BackfillRuns"
    deps: "BackfillDeps"
    recipes: "RecipeRules"
    engine: "EngineLimits | None" = None
    keys: "KeyFilter | None" = None


@dataclass(frozen=True, slots=True)
class Queues:
    """The URLs of a stack's queues."""

    events: str
    dead_letters: str


def open_stack(stack: str, credentials: Credentials, uploads: Path) -> StackParts:
    """Return the stores of a stack; raises SetupFailed if it does not exist.

    `uploads` is a folder for uploads in parts that have begun.
    """
    with explained():
        client = session_of(credentials).client(
            "cloudformation", endpoint_url=credentials.endpoint, config=CLIENT_CONFIG
        )
    outputs = stack_outputs(client, stack)
    try:
        names = StackNames(
            originals_bucket=outputs["OriginalsBucketName"],
            processed_bucket=outputs["ProcessedBucketName"],
            table=outputs["TableName"],
        )
        queues = Queues(outputs["QueueUrl"], outputs["DeadLetterQueueUrl"])
    except KeyError as missing:
        raise SetupFailed(
            f"the stack {stack!r} is not imagemill's: it has no output {missing}"
        ) from missing
    return open_parts(names, queues, credentials, stack, uploads)


def open_parts(
    names: StackNames, queues: Queues, credentials: Credentials, stack: str, uploads: Path
) -> StackParts:
    """Return the stores of a stack, as `open_stack`; makes no request."""
    endpoint = credentials.endpoint
    with explained():
        session = session_of(credentials)
        s3 = session.client("s3", endpoint_url=endpoint, config=CLIENT_CONFIG)
        dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=CLIENT_CONFIG)
        sqs = session.client("sqs", endpoint_url=endpoint, config=CLIENT_CONFIG)
    parts = PartOptions(SavedUploads(uploads), time.sleep)
    return StackParts(
        originals=FileOriginalsBucket(s3, names.originals_bucket, parts),
        renditions=CommandRenditionsBucket(s3, names.processed_bucket),
        records=RecordsTable(dynamodb, names.table),
        feed=Feed(dynamodb, names.table),
        dead_letters=DeadLetterQueue(sqs, queues.dead_letters, queues.events),
        looks=LookQueue(sqs, queues.events),
        index=ImageIndexes(dynamodb, names.table),
        copies=OriginalCopies(s3, names.originals_bucket),
        folders=FolderDeps(
            OriginalKeys(s3, names.originals_bucket), RecordBatches(dynamodb, names.table)
        ),
        stack=stack,
        credentials=credentials,
    )


def open_backfill(parts: StackParts) -> BackfillParts:
    """Return the dependencies of backfills; raises SetupFailed for a stack without them."""
    # Imported here because other commands do not need them.
    from imagemill.aws.backfill_runs import BackfillRuns  # noqa: PLC0415
    from imagemill.aws.scan import StackScan  # noqa: PLC0415
    from imagemill.backfill.estimate import EstimateInputs  # noqa: PLC0415
    from imagemill.backfill.execute import BackfillDeps  # noqa: PLC0415
    from imagemill.recipe_rules import RecipeRules  # noqa: PLC0415
    from imagemill.wiring.queue_timing import message_s  # noqa: PLC0415

    outputs = _backfill_outputs(parts)
    endpoint = parts.credentials.endpoint
    session = session_of(parts.credentials)
    states = session.client("stepfunctions", endpoint_url=endpoint, config=_states_config(endpoint))
    s3 = session.client("s3", endpoint_url=endpoint, config=CLIENT_CONFIG)
    dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=CLIENT_CONFIG)
    sqs = session.client("sqs", endpoint_url=endpoint, config=CLIENT_CONFIG)
    recipes = RecipeRules.parse(outputs["Recipe"])
    runs = BackfillRuns(
        states, dynamodb, outputs["BackfillStateMachineArn"], outputs["BackfillsTableName"]
    )
    queue = WorkQueue(sqs, outputs["QueueUrl"])
    deps = BackfillDeps(
        runs=runs,
        queue=queue,
        records=parts.records,
        renditions=parts.renditions,
        clock=SystemClock(),
        pause=time.sleep,
        inputs=EstimateInputs(
            int(outputs["MaxConcurrency"]),
            int(outputs["MemorySize"]),
            message_s(queue) if endpoint else 0.0,
        ),
    )
    names = StackNames(
        outputs["OriginalsBucketName"], outputs["ProcessedBucketName"], outputs["TableName"]
    )
    scan = StackScan(s3, dynamodb, names)
    return BackfillParts(scan, runs, deps, recipes, _engine(outputs), _keys(outputs))


def _keys(outputs: "Mapping[str, str]") -> "KeyFilter | None":
    """Return the filter of an existing bucket of originals; None for one of the stack's own."""
    from imagemill.domain.ignored import KeyFilter, suffixes_in  # noqa: PLC0415

    if "OriginalsEvents" not in outputs:
        return None
    suffixes = suffixes_in(outputs.get("OriginalsSuffixes", ""))
    return KeyFilter(outputs.get("OriginalsPrefix", ""), suffixes)


def _engine(outputs: "Mapping[str, str]") -> "EngineLimits | None":
    """Return the version and limits of the resize function; None if the outputs lack them."""
    from imagemill.domain.record import EngineLimits  # noqa: PLC0415
    from imagemill.pipeline.concurrency import divide_memory  # noqa: PLC0415

    if "MaxPixels" not in outputs:
        return None
    return EngineLimits(
        version=VERSION,
        max_bytes=int(outputs["MaxBytes"]),
        max_pixels=int(outputs["MaxPixels"]),
        max_frames=int(outputs["MaxFrames"]),
        max_memory_bytes=divide_memory(int(outputs["MemorySize"])).render_bytes,
        camera_raw=int(outputs.get("CameraRaw") == "true"),
    )


def _backfill_outputs(parts: StackParts) -> dict[str, str]:
    with explained():
        client = session_of(parts.credentials).client(
            "cloudformation", endpoint_url=parts.credentials.endpoint, config=CLIENT_CONFIG
        )
    outputs = stack_outputs(client, parts.stack)
    if "BackfillStateMachineArn" not in outputs:
        raise SetupFailed(f"the stack {parts.stack!r} has no backfills yet: deploy it again")
    return outputs


def _states_config(endpoint: str | None) -> Config:
    """Return the configuration of the Step Functions client.

    The embedded AWS does not resolve the host prefix that botocore adds to some operations.
    """
    return CLIENT_CONFIG.merge(Config(inject_host_prefix=False)) if endpoint else CLIENT_CONFIG
