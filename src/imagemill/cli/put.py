"""`imagemill put`: upload local files."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from imagemill.cli import options
from imagemill.cli.cloud import StackClient, StackOptions, open_client
from imagemill.cli.focus import read_focus
from imagemill.cli.screen import note, print_json, print_line, printable, stderr
from imagemill.cli.wording import counted, original_size, padded_status, renditions_size
from imagemill.domain.event import UploadChoices
from imagemill.domain.keys import filename_of, image_id
from imagemill.domain.record_json import report
from imagemill.errors import SetupFailed, UsageInvalid
from imagemill.operations.find_files import find_files
from imagemill.operations.upload_files import Upload, UploadResult, plan_uploads, upload_files
from imagemill.operations.wait import WaitOptions, WaitResult, wait_for_uploads

EXAMPLE = "imagemill put . --recursive --prefix holiday --wait"
# Widest column of names, in terminal columns; a longer name is not cut.
_LONGEST_NAME = 48

_Paths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH", help="Files to upload, or folders with --recursive."),
]
_Prefix = Annotated[
    str,
    typer.Option(metavar="FOLDER", help="Key prefix in the bucket: holiday gives holiday/a.jpg."),
]
_RuleName = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="Name of the rule of the recipe to use, instead of the key's."
    ),
]
_Focus = Annotated[
    str, typer.Option(metavar="X,Y", help="Focal point of the images, from 0 to 1: 0.3,0.7.")
]
_Wait = Annotated[
    bool, typer.Option("--wait", help="Wait for the renditions and print each result.")
]


def put(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    paths: _Paths,
    *,
    recursive: options.Recursive = False,
    prefix: _Prefix = "",
    recipe: _RuleName = "",
    focus: _Focus = "",
    wait: _Wait = False,
    timeout: options.TimeoutS = 120,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    api: options.Api = None,
) -> None:
    """Upload images; with --wait, print the result of each.

    The key of a file is its name. The key of a file in a folder begins with the name of the
    folder: `put holiday -r` stores `holiday/2026/a.jpg`. An image with the same key is replaced.
    A large file is sent in parts, and the same command continues after an interruption.
    """
    choices = UploadChoices(recipe, read_focus(focus, "--focus") if focus else None)
    uploads = _plan(paths, prefix, choices, recursive=recursive)
    client = open_client(context, StackOptions(stack, profile, region, data_dir, api))
    if api and prefix:
        note("the API chooses the keys, so --prefix has no effect", "yellow")
    # The API refuses unknown names itself.
    _require_rule("" if api else recipe, client)
    started = time.monotonic()
    ends = send_and_wait(uploads, client, timeout if wait else None)
    statuses = _show(ends, _name_width(uploads), as_json=as_json)
    if not as_json:
        note(_summary(statuses, time.monotonic() - started))
    if statuses.keys() - {"ready", "uploaded", "ignored"}:
        raise typer.Exit(1)


def _plan(
    paths: Sequence[Path], prefix: str, choices: UploadChoices, *, recursive: bool
) -> Sequence[Upload]:
    """Return the uploads; raises SetupFailed if there are none."""
    uploads = plan_uploads(find_files(paths, recursive=recursive), prefix, choices)
    if not uploads:
        raise SetupFailed("there is nothing to upload: the folders contain no files")
    return uploads


def _require_rule(name: str, client: StackClient) -> None:
    """Raise UsageInvalid if no rule of the stack has the name; an empty one is no name."""
    if not name:
        return
    names = client.key_rules().recipes.names
    if name not in names:
        known = f"one of {', '.join(names)}" if names else "none, since no rule has a name,"
        raise UsageInvalid(f"expected {known} for --recipe, got {name!r}")


def send_and_wait(
    uploads: Sequence[Upload], client: StackClient, timeout_s: float | None
) -> Iterable[WaitResult | UploadResult]:
    """Upload files and return their results: of processing or, without a time-out, of uploading."""
    sent = list(_with_progress(upload_files(uploads, client.originals), uploads))
    if timeout_s is None:
        return sent
    wait_options = WaitOptions(timeout_s)
    ignores = client.key_rules().ignores
    return wait_for_uploads(sent, client.records, client.originals, wait_options, ignores)


def _with_progress(
    sent: Iterable[UploadResult], uploads: Sequence[Upload]
) -> Iterator[UploadResult]:
    """Yield each upload; if stderr is a terminal, show a progress bar in bytes there."""
    console = stderr()
    lengths = {upload.path: _length(upload.path) for upload in uploads}
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("uploading", total=sum(lengths.values()))
        for count, one in enumerate(sent, 1):
            done = f"uploading {count}/{len(uploads)}"
            progress.update(task, advance=lengths[one.upload.path], description=done)
            yield one


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _show(ends: Iterable[WaitResult | UploadResult], width: int, *, as_json: bool) -> Counter[str]:
    statuses: Counter[str] = Counter()
    for end in ends:
        statuses[status_of(end)] += 1
        if as_json:
            print_json(_facts(end))
        else:
            _print_end(end, width)
    return statuses


def status_of(end: WaitResult | UploadResult) -> str:
    """Return the status of the record; without a record, `uploaded` or `failed`."""
    if isinstance(end, WaitResult):
        return end.status
    return "failed" if end.error else "uploaded"


def _facts(end: WaitResult | UploadResult) -> dict[str, Any]:
    """Return the record as JSON; without a record, the facts under the same field names."""
    if isinstance(end, WaitResult) and end.record:
        return report(end.record)
    key, fault = end.upload.key, end.error
    version = end.version if isinstance(end, UploadResult) else None
    return {
        "id": None if fault and fault.code == "invalid_key" else image_id(key),
        "key": key,
        "filename": filename_of(key),
        "status": status_of(end),
        "version_id": version.version_id if version else None,
        "etag": version.etag if version else None,
        "error": {"code": fault.code, "message": fault.message} if fault else None,
    }


def _print_end(end: WaitResult | UploadResult, width: int) -> None:
    name = _shown_name(end.upload)
    padding = " " * (width - cell_len(name))
    print_line(padded_status(status_of(end)), f"  {name}{padding}  ", outcome_of(end))


def outcome_of(end: WaitResult | UploadResult) -> str:
    """Return the sizes and the processing time of an image, or its error code and message."""
    if end.error:
        return printable(f"{end.error.code}: {end.error.message}")
    record = end.record if isinstance(end, WaitResult) else None
    if record is None:
        return ""
    warnings = f"  ({', '.join(record.warnings)})" if record.warnings else ""
    sizes = f"{original_size(record):<19} → {renditions_size(record):<17}"
    return f"{sizes}  {record.processing_ms:>5} ms{warnings}"


def _shown_name(upload: Upload) -> str:
    return printable(upload.key)


def _name_width(uploads: Iterable[Upload]) -> int:
    widths = (cell_len(_shown_name(upload)) for upload in uploads)
    return min(max(widths), _LONGEST_NAME)


def _summary(statuses: Counter[str], elapsed_s: float) -> str:
    words = ", ".join(f"{count} {status}" for status, count in statuses.most_common())
    return f"{counted(statuses.total(), 'image')} in {elapsed_s:.1f} s: {words}"
