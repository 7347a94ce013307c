"""Resize local files, with the code that renders images in the pipeline."""

import logging
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path, PurePosixPath

from imagemill.dataclass import dataclass
from imagemill.domain.clock import Clock
from imagemill.domain.keys import EXTENSIONS
from imagemill.domain.record import Fault
from imagemill.errors import ImagemillError, ImageRejected
from imagemill.imaging import DEFAULT_LIMITS, Limits, Rendered, Rendition, render
from imagemill.imaging.limits import check_bytes
from imagemill.operations.find_files import FoundFile
from imagemill.operations.parallel import default_workers, results
from imagemill.operations.write_file import write_file
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Resized:
    """One rendition on disk, or the error of a file without one; sizes in px and bytes.

    `status` is `ready`, `rejected` (the file cannot be resized) or `failed`. `milliseconds` is the
    time for the whole file.
    """

    input: str
    status: str
    code: str | None = None
    message: str | None = None
    preset: str | None = None
    output: str | None = None
    width: int | None = None
    height: int | None = None
    format: str | None = None
    bytes: int | None = None
    milliseconds: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResizeDeps:
    """The dependencies of resizing files."""

    recipes: RecipeRules
    clock: Clock
    limits: Limits = DEFAULT_LIMITS
    render: Callable[[bytes, Recipe, Limits], Rendered] = render


def resize(
    found: Sequence[FoundFile], out_dir: Path, deps: ResizeDeps
) -> Iterator[tuple[Resized, ...]]:
    """Yield the result of each file when it is done; a file that fails does not stop the others."""
    pairs = zip(found, labels(found, out_dir, deps.recipes), strict=True)
    return results(lambda pair: _resize(*pair, deps), pairs, default_workers())


def labels(found: Sequence[FoundFile], out_dir: Path, recipes: RecipeRules) -> list[Path]:
    """Return the path of each file's renditions, without `-{preset}.{ext}`.

    It is the file's relative name without extension. Files that share it keep their extension
    (`a.heic` and `a.png` → `a.heic-500.jpg`, `a.png-500.png`); files that share even that are
    numbered (`a.png~2`). No rendition overwrites another one or a file to be resized, also on file
    systems that do not distinguish upper and lower case.
    """
    taken = {_folded_path(file.path.with_suffix("")) for file in found}
    stems = Counter(_folded(str(file.name.with_suffix(""))) for file in found)
    return [
        _free_label(
            out_dir,
            file.name,
            recipes.recipe_of(str(file.name)),
            taken,
            is_shared=stems[_folded(str(file.name.with_suffix("")))] > 1,
        )
        for file in found
    ]


def _folded(text: str) -> str:
    """Return the form in which two names are equal if some file system treats them as one."""
    return unicodedata.normalize("NFC", text).casefold()


def _folded_path(path: Path) -> str:
    return _folded(os.path.realpath(path))


def _free_label(
    out_dir: Path, name: PurePosixPath, recipe: Recipe, taken: set[str], *, is_shared: bool
) -> Path:
    """Return the first label without a conflict, and reserve its outputs in `taken`."""
    folder = out_dir / name.parent
    for label in _candidates(name, is_shared=is_shared):
        outputs = {_folded_path(folder / f"{label}-{preset.name}") for preset in recipe.presets}
        if not outputs & taken:
            break
    taken |= outputs
    return folder / label


def _candidates(name: PurePosixPath, *, is_shared: bool) -> Iterator[str]:
    if not is_shared:
        yield name.stem
    yield name.name
    yield from (f"{name.name}~{number}" for number in count(2))


def _resize(file: FoundFile, label: Path, deps: ResizeDeps) -> tuple[Resized, ...]:
    started = deps.clock.monotonic_ms()
    done = _attempt(file, label, deps)
    elapsed = deps.clock.monotonic_ms() - started
    return tuple(replace(one, milliseconds=elapsed) for one in done)


def _attempt(file: FoundFile, label: Path, deps: ResizeDeps) -> Iterable[Resized]:
    path, recipe = file.path, deps.recipes.recipe_of(str(file.name))
    try:
        data = _read(path, deps.limits)
        rendered = deps.render(data, recipe, deps.limits)
    except ImageRejected as fault:
        return [_error(path, "rejected", Fault(fault.code, str(fault)))]
    except OSError as fault:
        return [_error(path, "failed", _fault("unreadable", fault))]
    except Exception as fault:  # noqa: BLE001  # an edge: a bug of one image stops no other
        _log.exception("%s", path)
        return [_error(path, "failed", Fault(ImagemillError.code, type(fault).__name__))]
    return [_store(path, label, made, rendered.warnings) for made in rendered.renditions]


def _read(path: Path, limits: Limits) -> bytes:
    with path.open("rb") as file:
        check_bytes(os.fstat(file.fileno()).st_size, limits)
        return file.read()


def _store(path: Path, label: Path, made: Rendition, warnings: tuple[str, ...]) -> Resized:
    output = label.with_name(f"{label.name}-{made.preset}.{EXTENSIONS[made.format]}")
    try:
        write_file(output, made.data)
    except OSError as fault:
        return replace(
            _error(path, "failed", _fault("unwritable", fault)),
            preset=made.preset,
            output=str(output),
        )
    return Resized(
        input=str(path),
        status="ready",
        preset=made.preset,
        output=str(output),
        width=made.width,
        height=made.height,
        format=made.format,
        bytes=len(made.data),
        warnings=warnings,
    )


def _error(path: Path, status: str, why: Fault) -> Resized:
    return Resized(input=str(path), status=status, code=why.code, message=why.message)


def _fault(code: str, fault: OSError) -> Fault:
    return Fault(code, fault.strerror or type(fault).__name__)
