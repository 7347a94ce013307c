"""`imagemill up`: the whole pipeline on this machine until Ctrl-C."""

import shlex
import shutil
import signal
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, NoReturn, Protocol

import typer
from rich.table import Table
from rich.text import Text

from imagemill.cli import options, put
from imagemill.cli.cloud import open_address
from imagemill.cli.sample import place_sample
from imagemill.cli.screen import note, print_json, print_line, stderr, stdout
from imagemill.errors import SetupFailed
from imagemill.local.address import Address, default_data_dir, read_address
from imagemill.operations import upload_files
from imagemill.operations.find_files import find_files
from imagemill.recipe import Recipe

EXAMPLE = "imagemill up --recipe 'thumb=160x160:cover:webp, 500'"
_NEEDED = ("boto3", "aws_lambda_powertools", "pydantic", "samtranslator", "ministack")
_LOOK_EVERY_S = 0.2
_SAMPLE_TIMEOUT_S = 60
_KILLED = "the last run was killed: `imagemill backfill` makes up for what was not saved then"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Emulator(Protocol):
    """The embedded AWS, as far as it is watched."""

    saved: bool

    @property
    def alive(self) -> bool:
        """Whether it runs."""


class Stopped(BaseException):
    """Somebody asked us to stop; not an Exception, which a library might take for its own."""


def up(  # noqa: PLR0913  # one parameter an option
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on loopback.")] = 4566,
    data_dir: options.DataDir = None,
    recipe: options.RecipeText = "500",
    sample: Annotated[
        bool, typer.Option("--sample", help="Process a drawn image before saying that all is up.")
    ] = False,
    open_gallery: Annotated[
        bool, typer.Option("--open", help="Open the gallery in a browser once all is up.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One line of JSON on stdout once all is healthy.")
    ] = False,
) -> None:
    """Run the whole pipeline on this machine until Ctrl-C; its images stay in the data directory.

    The same template and functions as on AWS, on an embedded AWS: no account, no Docker.
    """
    Recipe.parse(recipe)
    require_extra(_NEEDED)
    from imagemill.local.page import entry_link  # noqa: PLC0415  # boto3 is slow to load
    from imagemill.local.up import UpOptions, cloud  # noqa: PLC0415

    folder = (data_dir or default_data_dir()).absolute()
    was_killed = read_address(folder / "up.json") is not None
    running: Emulator | None = None
    note("starting …", "dim")
    try:
        with stoppable(), cloud(UpOptions(port, folder, recipe)) as (emulator, address):
            running = emulator
            if sample:
                _process_sample(address, folder)
            _announce(address, folder, as_json=as_json)
            if was_killed:
                note(_KILLED, "yellow")
            if open_gallery and address.gallery_url:
                webbrowser.open(entry_link(address))
            stay(emulator, folder)
    except Stopped:
        tell_end(running, folder)


def tell_end(emulator: Emulator | None, data_dir: Path) -> None:
    """Say that all is kept; raises SetupFailed if something could not be written."""
    if emulator is not None and not emulator.saved:
        raise SetupFailed(
            f"stopped, but {data_dir} could not take all of the state; what changed since the last "
            "save is lost. Free space on the disk, start again, then run `imagemill backfill`"
        )
    note("stopped; the images are kept", "dim")


def _process_sample(address: Address, data_dir: Path) -> None:
    """Put an image through the whole pipeline; raises SetupFailed if it does not come out."""
    uploads = upload_files.plan_uploads(find_files([place_sample(data_dir)], recursive=False))
    for end in put.send_and_wait(uploads, open_address(address), _SAMPLE_TIMEOUT_S):
        note(f"{put.status_of(end)}: {end.upload.key}  {put.outcome_of(end)}")
        if put.status_of(end) != "ready":
            raise SetupFailed(f"the sample did not come out; see {data_dir / 'emulator.log'}")


def require_extra(modules: tuple[str, ...]) -> None:
    """Raise SetupFailed if one of the modules that `up` needs is not installed."""
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise SetupFailed(
            f"{', '.join(missing)} not installed: pip install 'imagemill[local]' brings all of it"
        )


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped inside on the first signal to end; later ones do not disturb the stopping."""

    def stop(*_: object) -> NoReturn:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    former = [(number, signal.signal(number, stop)) for number in _SIGNALS]
    try:
        yield
    finally:
        for number, handler in former:
            signal.signal(number, handler)


def stay(emulator: Emulator, data_dir: Path) -> NoReturn:
    """Return never: be interrupted, or raise SetupFailed once the emulator is gone."""
    while emulator.alive:
        time.sleep(_LOOK_EVERY_S)
    raise SetupFailed(f"the embedded AWS ended by itself; see {data_dir / 'emulator.log'}")


def _announce(address: Address, data_dir: Path, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(address))
        return
    print_line(("imagemill is up", "bold green"))
    stdout().print(_facts(address, data_dir))
    print_line(("Try, in another terminal:", "bold"))
    for command in commands_to_try(address, data_dir):
        print_line("  ", (command, "cyan"))
    stderr().print(Text("Ctrl-C stops it; the images stay.", "dim"))


def commands_to_try(address: Address, data_dir: Path) -> list[str]:
    """Return three commands that work when pasted into a shell."""
    sample = place_sample(data_dir)
    own = _own_command()
    where = [] if data_dir == default_data_dir() else ["--data-dir", str(data_dir)]
    upload = [
        *("curl", "-sS", "-H", f"x-api-key: {address.api_key}", "-H", "Content-Type: image/png"),
        *("--data-binary", f"@{sample}", f"{address.api_url}/images?filename=sample.png"),
    ]
    return [
        shlex.join([*own, "put", str(sample), "--wait", *where]),
        shlex.join([*own, "ls", *where]),
        shlex.join(upload),
    ]


def _own_command() -> list[str]:
    """Return the words that started us, so that they work without an activated environment too."""
    if shutil.which("imagemill"):
        return ["imagemill"]
    started = Path(sys.argv[0])
    if started.name == "imagemill" and started.exists():
        return [str(started)]
    return [sys.executable, "-m", "imagemill.cli.main"]


def _facts(address: Address, data_dir: Path) -> Table:
    from imagemill.local.page import entry_link  # noqa: PLC0415  # boto3 is slow to load

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("originals", f"s3://{address.originals_bucket}")
    grid.add_row("processed", f"s3://{address.processed_bucket}")
    if address.gallery_url:
        grid.add_row("gallery", entry_link(address))
    grid.add_row("API", address.api_url)
    grid.add_row("API key", address.api_key)
    grid.add_row(
        "AWS",
        f"{address.endpoint} in {address.region}, "
        f"key {address.aws_access_key_id}, secret {address.aws_secret_access_key}",
    )
    grid.add_row("kept in", str(data_dir))
    return grid
