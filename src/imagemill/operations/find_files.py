"""Find the files of the paths that a user named, each with a relative name."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from imagemill.dataclass import dataclass
from imagemill.errors import SetupFailed, UsageInvalid


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file and the relative name it keeps: `b.jpg`, or `holiday/2026/b.jpg` from a folder."""

    path: Path
    name: PurePosixPath


def find_files(
    paths: Sequence[Path], *, recursive: bool, leave_out: Path | None = None
) -> list[FoundFile]:
    """Return the files among `paths` and in the folders among them, each once.

    The relative name of a named file is its file name. A file in a folder keeps its path from
    there, with the folder's own name in front, so that files of two folders stay apart. Inside a
    folder, hidden files, hidden folders and the folder `leave_out` are skipped; they are included
    if the user named them. Files are not opened. Raises UsageInvalid with every folder without
    `recursive`, and SetupFailed with every folder that cannot be entered.
    """
    if not recursive:
        _require_files(paths)
    faults: list[str] = []
    found: dict[Path, FoundFile] = {}
    for path in paths:
        for file in _files(path, leave_out, faults):
            found.setdefault(file.path.absolute(), file)
    if faults:
        raise SetupFailed("; ".join(faults))
    return list(found.values())


def _require_files(paths: Sequence[Path]) -> None:
    folders = [path for path in paths if path.is_dir()]
    if folders:
        words = (f"{path} is a folder: add --recursive to include its files" for path in folders)
        raise UsageInvalid("; ".join(words))


def _files(path: Path, leave_out: Path | None, faults: list[str]) -> Iterator[FoundFile]:
    if path.is_dir():
        yield from _walk(path, leave_out, faults)
    else:
        yield FoundFile(path, PurePosixPath(path.name))


def _walk(top: Path, leave_out: Path | None, faults: list[str]) -> Iterator[FoundFile]:
    own_name = PurePosixPath(top.resolve().name)

    def note(fault: OSError) -> None:
        faults.append(f"{fault.filename} cannot be entered: {fault.strerror}")

    for folder, subfolders, names in os.walk(top, onerror=note):
        here = Path(folder)
        subfolders[:] = sorted(name for name in subfolders if _is_included(here / name, leave_out))
        for name in sorted(names):
            if _is_included(here / name, leave_out) and (here / name).is_file():
                relative = (here / name).relative_to(top).as_posix()
                yield FoundFile(here / name, own_name / relative)


def _is_included(path: Path, leave_out: Path | None) -> bool:
    return not path.name.startswith(".") and (
        leave_out is None or path.absolute() != leave_out.absolute()
    )
