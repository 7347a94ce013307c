"""`imagemill resize`: render local files with the same code as the pipeline."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemill.cli import options
from imagemill.cli.recipe_file import recipe_of
from imagemill.cli.screen import note, print_json, print_line, printable
from imagemill.cli.wording import counted, padded_status, size
from imagemill.domain.clock import SystemClock
from imagemill.errors import SetupFailed
from imagemill.operations.find_files import find_files

if TYPE_CHECKING:
    from imagemill.operations.resize_files import Resized

EXAMPLE = "imagemill resize . -r -o resized --recipe 'thumb=160x160:cover, 800'"


def resize(  # noqa: PLR0913  # one parameter an option
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="IN", help="Files to resize, or folders with --recursive."),
    ],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUTDIR", help="Folder to write to.")
    ],
    recipe: options.RecipeText = "500",
    recursive: options.Recursive = False,
    camera_raw: Annotated[
        bool, typer.Option("--camera-raw", help="Show camera raw files by the preview in them.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Resize local files exactly as the pipeline does, without a network call.

    `a.jpg` becomes `OUTDIR/a-500.jpg`; a file in a folder keeps its path, which begins with the
    name of the folder. If two files differ only in their extension, the output keeps it:
    `a.heic-500.jpg`. Existing output files are overwritten. Rules by prefix apply to the names that
    `put` gives to the files; those that a rule ignores are left out.
    """
    from imagemill.imaging import DEFAULT_LIMITS  # noqa: PLC0415  # Pillow is slow to load
    from imagemill.operations.resize_files import ResizeDeps, resize  # noqa: PLC0415  # the same

    _, recipes = recipe_of(recipe)
    limits = replace(DEFAULT_LIMITS, camera_raw=camera_raw)
    deps = ResizeDeps(recipes, SystemClock(), limits)
    named = find_files(inputs, recursive=recursive, leave_out=output)
    found = [file for file in named if not recipes.is_ignored(str(file.name))]
    if not found:
        why = "the recipe ignores all files" if named else "the folders contain no files"
        raise SetupFailed(f"there is nothing to resize: {why}")
    _make_folder(output)
    statuses: Counter[str] = Counter()
    for of_one_file in resize(found, output, deps):
        statuses[_worst(of_one_file)] += 1
        _show(of_one_file, as_json=as_json)
    if not as_json:
        note(_summary(statuses))
    if statuses.keys() - {"ready"}:
        raise typer.Exit(1)


def _worst(of_one_file: Iterable["Resized"]) -> str:
    return next((one.status for one in of_one_file if one.status != "ready"), "ready")


def _show(of_one_file: Iterable["Resized"], *, as_json: bool) -> None:
    for one in of_one_file:
        if as_json:
            print_json(asdict(one))
        else:
            print_line(padded_status(one.status), f"  {printable(_outcome(one))}")


def _outcome(one: "Resized") -> str:
    if one.status != "ready":
        return f"{one.input}  {one.code}: {one.message}"
    warnings = f"  ({', '.join(one.warnings)})" if one.warnings else ""
    sizes = size(one.width, one.height, one.bytes)
    return f"{one.input} → {one.output}  {sizes}  {one.milliseconds} ms{warnings}"


def _summary(statuses: Counter[str]) -> str:
    words = ", ".join(f"{count} {status}" for status, count in statuses.most_common())
    return f"{counted(statuses.total(), 'image')}: {words}"


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise SetupFailed(f"the folder {path} cannot be created: {fault.strerror}") from fault
