"""Which cloud a command works with, and how it is opened."""

import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import typer

from imagemill.api import read
from imagemill.backfill import execute, survey
from imagemill.config import Places
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.record import Judge
from imagemill.errors import SetupFailed
from imagemill.local.address import Address, running
from imagemill.operations import dead_letters, download, upload_files, wait
from imagemill.recipe import Recipe

_REACH_TIMEOUT_S = 2


class Originals(upload_files.OriginalsWriter, wait.Originals, download.Bucket, Protocol):
    """The bucket of originals, as commands use it."""

    def delete(self, key: str) -> None:
        """Delete the original."""


class Records(read.RecordReader, wait.RecordReader, Protocol):
    """The table of records, as commands use it."""


class LatestRun(Protocol):
    """What is known of backfills under way."""

    def latest(self) -> BackfillRun | None:
        """Return the run that was begun last; None if there never was one."""

    def is_feeding(self, run: BackfillRun) -> bool:
        """Tell whether the run's execution goes on."""


class BackfillClient(Protocol):
    """A stack as backfills see it."""

    @property
    def archive(self) -> survey.StackScan:
        """Originals, records and renditions, from one end to the other."""

    @property
    def runs(self) -> LatestRun:
        """The backfills begun so far."""

    @property
    def site(self) -> execute.BackfillDeps:
        """What sets the stack to work."""

    @property
    def recipe(self) -> Recipe:
        """The recipe by which images are made today."""

    @property
    def judge(self) -> Judge | None:
        """Today's version and limits; None where they are not known."""


class StackClient(Protocol):
    """A stack in the hands of somebody with its credentials."""

    @property
    def originals(self) -> Originals:
        """The bucket of originals."""

    @property
    def renditions(self) -> download.Bucket:
        """The bucket of renditions."""

    @property
    def records(self) -> Records:
        """The table of records."""

    @property
    def feed(self) -> read.Feed:
        """The records, newest first."""

    @property
    def dead_letters(self) -> dead_letters.DeadLetterQueue:
        """The events that failed again and again; raises SetupFailed where nobody may see them."""

    def backfill(self) -> BackfillClient:
        """Return what backfills work with; raises SetupFailed where nobody may do them."""


@dataclass(frozen=True, slots=True)
class StackOptions:
    """What the user said of the cloud: a stack on AWS, its API, or an `up`'s data directory."""

    stack: str | None = None
    profile: str | None = None
    region: str | None = None
    data_dir: Path | None = None
    api: str | None = None


Opener = Callable[[StackOptions], StackClient]


def open_client(context: typer.Context, where: StackOptions) -> StackClient:
    """Return the cloud meant; raises SetupFailed if there is none.

    The context's object, where there is one, opens it instead of us.
    """
    opener: Opener = context.obj or _open
    return opener(where)


def _open(where: StackOptions) -> StackClient:
    if where.api and where.stack:
        raise SetupFailed("--api and --stack exclude each other: name the stack in one way")
    if where.api:
        return _open_api(where.api)
    if where.stack:
        return _open_stack(where.stack, where)
    if where.profile or where.region:
        raise SetupFailed("--profile and --region go with --stack: name the stack on AWS")
    return _open_running(where.data_dir)


def _open_api(address: str) -> StackClient:
    from imagemill.wiring.stack import open_api  # noqa: PLC0415  # httpx is slow to load

    key = os.environ.get("IMAGEMILL_API_KEY") or _asked_key()
    return open_api(address, key)


def _asked_key() -> str:
    """Return the key as typed, unseen; never an option, which other users' `ps` would show."""
    if not sys.stdin.isatty():
        raise SetupFailed("--api needs the API key: set IMAGEMILL_API_KEY")
    return str(typer.prompt("API key", hide_input=True, err=True))


def _open_stack(stack: str, where: StackOptions) -> StackClient:
    from imagemill.wiring.stack import Credentials, open_stack  # noqa: PLC0415  # boto3 is slow to load

    credentials = Credentials(profile=where.profile, region=where.region)
    return open_stack(stack, credentials)


def _open_running(data_dir: Path | None) -> StackClient:
    return open_address(running_address(data_dir))


def running_address(data_dir: Path | None) -> Address:
    """Return where the cloud is that an `up` runs; raises SetupFailed if none does."""
    address = running(data_dir)
    if address is None or not _answers(address):
        place = f" with --data-dir {data_dir}" if data_dir else ""
        raise SetupFailed(
            f"no cloud is running{place}: start one with `imagemill up`, "
            "or name a stack on AWS with --stack"
        )
    return address


def open_address(address: Address) -> StackClient:
    """Return the cloud that an `up` runs."""
    from imagemill.wiring.stack import Credentials, Queues, open_parts  # noqa: PLC0415  # as above

    credentials = Credentials(
        region=address.region,
        endpoint=address.endpoint,
        access_key_id=address.aws_access_key_id,
        secret_access_key=address.aws_secret_access_key,
    )
    places = Places(address.originals_bucket, address.processed_bucket, address.table)
    queues = Queues(address.queue_url, address.dead_letter_queue_url)
    return open_parts(places, queues, credentials, address.stack)


def _answers(address: Address) -> bool:
    """Tell whether somebody listens; an `up` that was killed leaves its address behind."""
    target = urlsplit(address.endpoint)
    try:
        socket.create_connection(
            (target.hostname or "", target.port or 80), _REACH_TIMEOUT_S
        ).close()
    except OSError:
        return False
    return True
