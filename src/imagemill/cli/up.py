"""`imagemill up`: run the whole pipeline on this machine until Ctrl-C."""

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
from imagemill.cli.recipe_file import recipe_of
from imagemill.cli.sample import place_sample
from imagemill.cli.screen import note, print_json, print_line, stderr, stdout
from imagemill.errors import SetupFailed
from imagemill.local.address import Address, default_data_dir, read_address
from imagemill.operations import upload_files
from imagemill.operations.find_files import find_files
from imagemill.webhooks.post import Receiver

EXAMPLE = "imagemill up --recipe 'thumb=160x160:cover:webp, 500'"
_NEEDED = ("boto3", "aws_lambda_powertools", "pydantic", "samtranslator", "ministack")
# Interval between two checks of the emulator, in seconds.
_CHECK_INTERVAL_S = 0.2
# Longest time for the sample, in seconds; it includes the cold start of the function.
_SAMPLE_TIMEOUT_S = 60
_KILLED = "the last run was killed: `imagemill backfill` processes images whose events were lost"
_WEBHOOKS = "webhooks are signed: `imagemill keys show --webhook` shows the secret"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_Port = Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")]
_Sample = Annotated[
    bool, typer.Option("--sample", help="Process a sample image before reporting that all is up.")
]
_WebhookUrl = Annotated[
    str | None,
    typer.Option(
        "--webhook-url",
        metavar="URL",
        help="Send completion events to this URL; http:// only to this machine.",
    ),
]
_Open = Annotated[bool, typer.Option("--open", help="Open the gallery in a browser.")]
_AsJson = Annotated[
    bool, typer.Option("--json", help="Print one line of JSON on stdout when all is up.")
]


class Emulator(Protocol):
    """The state of the embedded AWS that `up` watches."""

    saved: bool

    @property
    def alive(self) -> bool:
        """Whether the process is running."""


class Stopped(BaseException):
    """A signal asked to stop; a BaseException, so that no library catches it as an error."""


def up(  # noqa: PLR0913  # one parameter an option
    *,
    port: _Port = 4566,
    data_dir: options.DataDir = None,
    recipe: options.RecipeText = "500",
    parameter: options.Parameters = None,
    webhook_url: _WebhookUrl = None,
    sample: _Sample = False,
    open_gallery: _Open = False,
    as_json: _AsJson = False,
) -> None:
    """Run the whole pipeline on this machine until Ctrl-C.

    An emulator of AWS runs the same template and functions as AWS, without an account or Docker.
    The images stay in the data folder.
    """
    recipe, _ = recipe_of(recipe)
    require_extra(_NEEDED)
    from imagemill.local.jxl_code import prepare_jxl  # noqa: PLC0415
    from imagemill.local.page import entry_link  # noqa: PLC0415  # boto3 is slow to load
    from imagemill.local.up import UpOptions, cloud  # noqa: PLC0415

    folder = (data_dir or default_data_dir()).absolute()
    parameters = options.parameters_in(parameter) | _webhook_parameter(webhook_url)
    wanted = UpOptions(port, folder, recipe, parameters)
    was_killed = read_address(folder / "up.json") is not None
    running: Emulator | None = None
    note("starting …", "dim")
    prepare_jxl(lambda line: note(line, "dim"))
    try:
        with stoppable(), cloud(wanted) as (emulator, address):
            running = emulator
            if sample:
                _process_sample(address, folder)
            existing = parameters.get("OriginalsBucketName", "")
            _announce(address, folder, existing, as_json=as_json)
            if "WebhookUrl" in parameters:
                note(_WEBHOOKS, "dim")
            if was_killed:
                note(_KILLED, "yellow")
            if open_gallery and address.gallery_url:
                webbrowser.open(entry_link(address))
            wait_until_stopped(emulator, folder)
    except Stopped:
        report_end(running, folder)


def _webhook_parameter(url: str | None) -> dict[str, str]:
    """Return the parameter of the template for webhooks; raises ConfigurationInvalid."""
    if not url:
        return {}
    Receiver.parse(url, on_laptop=True)
    return {"WebhookUrl": url}


def report_end(emulator: Emulator | None, data_dir: Path) -> None:
    """Print that all is saved; raises SetupFailed if the state could not be written."""
    if emulator is not None and not emulator.saved:
        raise SetupFailed(
            f"stopped, but the state could not be written to {data_dir}: changes since the last "
            "save are lost. Free space on the disk, start again, then run `imagemill backfill`"
        )
    note("stopped; the images are saved", "dim")


def _process_sample(address: Address, data_dir: Path) -> None:
    """Process the sample image with the whole pipeline; raises SetupFailed if that fails."""
    uploads = upload_files.plan_uploads(find_files([place_sample(data_dir)], recursive=False))
    for end in put.send_and_wait(uploads, open_address(address), _SAMPLE_TIMEOUT_S):
        note(f"{put.status_of(end)}: {end.upload.key}  {put.outcome_of(end)}")
        if put.status_of(end) != "ready":
            raise SetupFailed(f"the sample was not processed; see {data_dir / 'emulator.log'}")


def require_extra(modules: tuple[str, ...]) -> None:
    """Raise SetupFailed if one of the modules that `up` needs is not installed."""
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise SetupFailed(f"{', '.join(missing)} not installed: run pip install 'imagemill[local]'")


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped in the block on the first stop signal, and ignore later ones."""

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


def wait_until_stopped(emulator: Emulator, data_dir: Path) -> NoReturn:
    """Wait until Stopped is raised; raises SetupFailed if the emulator ends."""
    while emulator.alive:
        time.sleep(_CHECK_INTERVAL_S)
    raise SetupFailed(f"the embedded AWS ended unexpectedly; see {data_dir / 'emulator.log'}")


def _announce(address: Address, data_dir: Path, existing: str, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(address))
        return
    print_line(("imagemill is up", "bold green"))
    stdout().print(_facts(address, data_dir))
    print_line(("Try, in another terminal:", "bold"))
    for command in commands_to_try(address, data_dir, existing):
        print_line("  ", (command, "cyan"))
    stderr().print(Text("Ctrl-C stops it; the images are saved.", "dim"))


def commands_to_try(address: Address, data_dir: Path, existing: str = "") -> list[str]:
    """Return three commands that work when pasted into a shell.

    `existing` is the name of an existing bucket of originals, which has to be adopted first.
    """
    sample = place_sample(data_dir)
    own = _own_command()
    where = [] if data_dir == default_data_dir() else ["--data-dir", str(data_dir)]
    if existing:
        commands = (["adopt", existing], ["backfill"], ["ls"])
        return [shlex.join([*own, *command, *where]) for command in commands]
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
    """Return the command that started this process; it works without an activated environment."""
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
    if address.images_url:
        grid.add_row("on request", f"{address.endpoint}/~/KEY?w=640&auto=format")
    grid.add_row("API", address.api_url)
    grid.add_row("API key", address.api_key)
    grid.add_row(
        "AWS",
        f"{address.endpoint} in {address.region}, "
        f"key {address.aws_access_key_id}, secret {address.aws_secret_access_key}",
    )
    grid.add_row("data folder", str(data_dir))
    return grid
