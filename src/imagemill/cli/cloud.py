"""Open the stack that a command works with: on AWS, by its REST API or on this machine."""

import os
import socket
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import typer

from imagemill.api.folders import FolderPage, FolderRequest
from imagemill.api.read import Page
from imagemill.api.shares import NewShare, ShareRequest
from imagemill.backfill import due, execute
from imagemill.cli.options import check_stack
from imagemill.config import StackNames
from imagemill.dataclass import dataclass
from imagemill.domain import stores
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.event import Focus
from imagemill.domain.ignored import KeyFilter
from imagemill.domain.image_query import ImageQuery
from imagemill.domain.key_rules import KeyRules
from imagemill.domain.record import EngineLimits, ImageRecord
from imagemill.domain.share import Share
from imagemill.errors import SetupFailed, UsageInvalid
from imagemill.local.address import Address, default_data_dir, running
from imagemill.operations.dead_letters import DeadLetterQueue
from imagemill.recipe_rules import RecipeRules

if TYPE_CHECKING:
    from imagemill.wiring.session import Credentials

# Longest wait for a connection to the emulator, in seconds; it runs on this machine.
_REACH_TIMEOUT_S = 2


class Originals(stores.OriginalFileUploads, stores.OriginalHeads, stores.Downloads, Protocol):
    """The bucket of originals, as commands use it."""

    def delete(self, key: str) -> None:
        """Delete the original."""


class Records(stores.RecordReader, stores.RecordBatchReader, Protocol):
    """The table of records, as commands use it."""


class LatestRun(Protocol):
    """The backfill runs of a stack."""

    def latest(self) -> BackfillRun | None:
        """Return the run that was started last; None if there was none."""

    def is_sending(self, run: BackfillRun) -> bool:
        """Return whether the run's execution still sends messages."""


class BackfillClient(Protocol):
    """The parts of a stack that a backfill needs."""

    @property
    def scan(self) -> due.StackScan:
        """All originals, records and renditions."""

    @property
    def runs(self) -> LatestRun:
        """The backfill runs so far."""

    @property
    def deps(self) -> execute.BackfillDeps:
        """The stores and the queue that a run works with."""

    @property
    def recipes(self) -> RecipeRules:
        """The rules of the stack."""

    @property
    def engine(self) -> EngineLimits | None:
        """The version and limits of the stack; None if they are unknown."""

    @property
    def keys(self) -> KeyFilter | None:
        """The keys that are processed in an existing bucket; None for a bucket of the stack."""


class ShareClient(Protocol):
    """The share links of a stack."""

    def create(self, request: ShareRequest) -> NewShare:
        """Make a link; raises an error if there is no such image or folder."""

    def all(self) -> Iterable[Share]:
        """Return the valid links that the caller has made, newest first."""

    def revoke(self, share_id: str) -> Share:
        """Revoke a link; raises an error if there is none with this id."""


class StackClient(Protocol):
    """A stack, opened with credentials."""

    @property
    def originals(self) -> Originals:
        """The bucket of originals."""

    @property
    def renditions(self) -> stores.Downloads:
        """The bucket of renditions."""

    @property
    def records(self) -> Records:
        """The table of records."""

    @property
    def feed(self) -> stores.Feed:
        """The records, newest first."""

    @property
    def dead_letters(self) -> DeadLetterQueue:
        """The dead-letter queue; raises SetupFailed without AWS credentials."""

    def webhook_dead_letters(self) -> DeadLetterQueue:
        """Return the events that the server of the user did not accept; raises SetupFailed."""

    def key_rules(self) -> KeyRules:
        """Return the action of the stack for each key."""

    def move(self, image: str, folder: str) -> ImageRecord:
        """Move the image with this id to a folder, and return the record of its new key."""

    def change_focus(self, image: str, focus: Focus | None) -> ImageRecord:
        """Set or remove the focal point of the image with this id, and return its record.

        Raises RequestFault for an image that is not ready.
        """

    def reprocess(self, image: str) -> ImageRecord:
        """Have the image with this id made again, and return its record as it is before.

        Raises RequestFault for an image that is being processed.
        """

    def list_folder(self, request: FolderRequest) -> FolderPage:
        """Return a page of a folder."""

    def search(self, limit: int, cursor: str | None, query: ImageQuery) -> Page:
        """Return a page of a search."""

    def shares(self) -> ShareClient:
        """Return the share links; raises SetupFailed for a stack without them."""

    def backfill(self) -> BackfillClient:
        """Return the parts for a backfill; raises SetupFailed without AWS credentials."""


@dataclass(frozen=True, slots=True)
class StackOptions:
    """The options that select a stack: its name on AWS, its API or the data folder of `up`."""

    stack: str | None = None
    profile: str | None = None
    region: str | None = None
    data_dir: Path | None = None
    api: str | None = None


Opener = Callable[[StackOptions], StackClient]


def open_client(context: typer.Context, options: StackOptions) -> StackClient:
    """Return the selected stack; raises SetupFailed if there is none.

    Tests set `context.obj` to a function that opens a fake.
    """
    opener: Opener = context.obj or _open
    return opener(options)


def _open(options: StackOptions) -> StackClient:
    if options.api and options.stack:
        raise UsageInvalid("--api and --stack cannot be used together")
    if options.api:
        return _open_api(options.api)
    if options.stack:
        return _open_stack(options.stack, options)
    check_stack(options.stack, options.profile, options.region)
    return _open_running(options.data_dir)


def _open_api(address: str) -> StackClient:
    from imagemill.wiring.rest_api import Secrets, open_api  # noqa: PLC0415  # httpx is slow to load

    given = Secrets(
        os.environ.get("IMAGEMILL_API_TOKEN", ""), os.environ.get("IMAGEMILL_API_KEY", "")
    )
    return open_api(address, given, logins_dir(), _prompt_for_key)


def logins_dir() -> Path:
    """Return the folder of the logins of this user."""
    return default_data_dir() / "logins"


def _uploads_dir() -> Path:
    """Return the folder of this user's uploads in parts that have begun."""
    return default_data_dir() / "uploads"


def _prompt_for_key() -> str:
    """Ask for the API key without echo; as an option, other users' `ps` would show it."""
    if not sys.stdin.isatty():
        raise SetupFailed(
            "--api needs credentials: set IMAGEMILL_API_KEY or IMAGEMILL_API_TOKEN, or run "
            "`imagemill login`"
        )
    return str(typer.prompt("API key", hide_input=True, err=True))


def _open_stack(stack: str, options: StackOptions) -> StackClient:
    from imagemill.wiring.session import Credentials  # noqa: PLC0415  # boto3 is slow to load
    from imagemill.wiring.stack import open_stack  # noqa: PLC0415  # as above

    credentials = Credentials(profile=options.profile, region=options.region)
    return open_stack(stack, credentials, _uploads_dir())


def _open_running(data_dir: Path | None) -> StackClient:
    return open_address(running_address(data_dir))


def running_address(data_dir: Path | None) -> Address:
    """Return the address of the running `imagemill up`; raises SetupFailed if there is none."""
    address = running(data_dir)
    if address is None or not _answers(address):
        place = f" with --data-dir {data_dir}" if data_dir else ""
        raise SetupFailed(
            f"`imagemill up` is not running{place}: start it, or name a stack on AWS with --stack"
        )
    return address


def credentials_at(address: Address) -> "Credentials":
    """Return the credentials of a running `imagemill up`, with all rights."""
    from imagemill.wiring.session import Credentials  # noqa: PLC0415  # as above

    return Credentials(
        region=address.region,
        endpoint=address.endpoint,
        access_key_id=address.aws_access_key_id,
        secret_access_key=address.aws_secret_access_key,
    )


def open_address(address: Address) -> StackClient:
    """Return the stack of a running `imagemill up`."""
    from imagemill.wiring.stack import Queues, open_parts  # noqa: PLC0415  # as above

    credentials = credentials_at(address)
    names = StackNames(address.originals_bucket, address.processed_bucket, address.table)
    queues = Queues(address.queue_url, address.dead_letter_queue_url)
    parts = open_parts(names, queues, credentials, address.stack, _uploads_dir())
    return replace(parts, gallery=address.gallery_url)


def _answers(address: Address) -> bool:
    """Return whether the port is open; a killed `up` leaves its address file behind."""
    target = urlsplit(address.endpoint)
    try:
        socket.create_connection(
            (target.hostname or "", target.port or 80), _REACH_TIMEOUT_S
        ).close()
    except OSError:
        return False
    return True
