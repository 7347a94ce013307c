"""`imagemill show`: print the record of one image."""

from collections.abc import Iterator

import typer
from rich.table import Table
from rich.text import Text

from imagemill.cli import options
from imagemill.cli.cloud import StackOptions, open_client
from imagemill.cli.screen import print_json, printable, stdout
from imagemill.cli.wording import (
    clock_time,
    exposure,
    original_size,
    padded_status,
    rendition_size,
    size,
    styled_status,
)
from imagemill.domain.record import ImageRecord, Original, StateChange
from imagemill.domain.record_json import report_in_detail
from imagemill.operations.download import require

EXAMPLE = "imagemill show sample.png"


def show(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    image: options.Image,
    *,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    api: options.Api = None,
) -> None:
    """Show the record of one image."""
    client = open_client(context, StackOptions(stack, profile, region, data_dir, api))
    record = require(image, client.records)
    if as_json:
        print_json(report_in_detail(record))
    else:
        stdout().print(_grid(record))


def _grid(record: ImageRecord) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in _rows(record):
        if value:
            grid.add_row(label, value)
    return grid


def _rows(record: ImageRecord) -> Iterator[tuple[str, str | Text]]:
    yield "key", printable(record.key)
    yield "id", record.id
    yield "status", styled_status(record.status)
    if record.error:
        yield "error", printable(f"{record.error.code}: {record.error.message}")
    yield "uploaded", f"{clock_time(record.uploaded_at)} UTC"
    yield "processed", _processing(record)
    yield "original", " ".join(filter(None, (original_size(record), _kind(record))))
    yield "archived", _archive(record)
    if record.original:
        yield from _shot(record.original)
    for preset, made in sorted(record.renditions.items()):
        yield f"rendition {preset}", f"{rendition_size(made)} {made.format}"
    yield "colour", record.colour or ""
    yield "warnings", ", ".join(record.warnings)
    label = "history"
    for state in record.states:
        yield label, _state(state)
        label = ""


def _archive(record: ImageRecord) -> str:
    """Return how much smaller the object is than the JPEG that it holds."""
    held, original = record.archived, record.original
    if held is None or original is None or not original.bytes:
        return ""
    saved = 1 - held.bytes / original.bytes
    return f"{size(None, None, held.bytes)} as JPEG XL, {saved:.0%} saved"


def _shot(original: Original) -> Iterator[tuple[str, str]]:
    """Yield how a photo was taken, as far as its tags say it."""
    yield "taken", clock_time(original.captured_at or "")
    yield "camera", printable(original.camera or "")
    yield "lens", printable(original.lens or "")
    yield "exposure", exposure(original)


def _state(state: StateChange) -> Text:
    """Return a line of the history: the time, the state, and the reason for it."""
    attempt = f"attempt {state.attempt}" if state.attempt > 1 else ""
    why = ", ".join(filter(None, (state.code, attempt)))
    line = Text(f"{clock_time(state.at)} UTC  ")
    if not why:
        return line + styled_status(state.status)
    return line + padded_status(state.status) + Text(f"  {printable(why)}")


def _processing(record: ImageRecord) -> str:
    if record.processed_at is None:
        return ""
    took = "" if record.processing_ms is None else f" in {record.processing_ms} ms"
    tries = f", attempt {record.attempts}" if record.attempts > 1 else ""
    return f"{clock_time(record.processed_at)} UTC{took}{tries}"


def _kind(record: ImageRecord) -> str:
    original = record.original
    if original is None or original.format is None:
        return ""
    frames = f", {original.frames} frames" if original.frames and original.frames > 1 else ""
    hdr = f", HDR ({original.hdr})" if original.hdr else ""
    return original.format + frames + hdr
