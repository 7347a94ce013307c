"""Cache of the decoder's machine code, beside Python's bytecode and trusted like it.

Compiling the decoder takes 50 ms, loading compiled code 0.3 ms. Machine code runs outside the
sandbox, so a cached file is used only under the conditions that protect the bytecode: it lies in
the `__pycache__` of this folder, belongs to the owner of this source or to the current user, and
nobody can write it who cannot write this source. Anyone able to replace it could replace these
modules as well.
"""

import hashlib
import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from .wasmtime import machine

_HERE = Path(__file__).parent
_THIS = Path(__file__)
_HASH_BYTES = hashlib.sha256().digest_size
# False in a process that cannot write files, where compiled code would be lost.
_may_keep = [True]


def path_of(folder: Path = _HERE, kind: str = "", name: str = "decoder") -> Path:
    """Return the path of the cached machine code in `folder`, which holds the module `name`.

    `kind` is a platform such as linux-aarch64; by default that of this machine.
    """
    return folder / "__pycache__" / f"{name}.{kind or f'{sys.platform}-{machine()}'}.cwasm"


def read(source: bytes, path: Path, program: Path = _THIS) -> bytes | None:
    """Return the machine code of the module `source`.

    None if the file is missing, damaged, made from another module, or not to be trusted: if it can
    be changed by anyone who cannot change the Python file `program`.
    """
    try:
        writers = _Writers(program)
        is_trusted = writers.include(path.parent.lstat(), stat.S_IFDIR)
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not is_trusted or not writers.include(os.fstat(descriptor), stat.S_IFREG):
                return None
            kept = file.read()
    except OSError:
        return None
    return unsealed(source, kept)


def write(source: bytes, code: bytes, path: Path) -> None:
    """Store the machine code of `source`; does nothing if the file cannot be written."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o755, exist_ok=True)
        # Written under another name and renamed, so that no reader sees half a file.
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed(source, code))
        Path(name).chmod(0o644)
        Path(name).replace(path)


def may_keep() -> bool:
    """Return True unless this process is confined, so that compiled code would be lost."""
    return _may_keep[0]


def keep_nothing() -> None:
    """Declare that this process is confined."""
    _may_keep[0] = False


def sealed(source: bytes, code: bytes) -> bytes:
    """Return the file's content: a digest over module and code, then the code."""
    return _digest(source, code) + code


def unsealed(source: bytes, kept: bytes) -> bytes | None:
    """Return the code in a file's content; None if the digest does not match."""
    digest, code = kept[:_HASH_BYTES], kept[_HASH_BYTES:]
    return code if digest == _digest(source, code) else None


class _Writers:
    """The users who can change a Python file: by writing it, or by replacing it in its folder.

    An archive without entries for its folders leaves their mode to the umask of the program that
    unpacks it. The folders of source and machine code have the same mode then.
    """

    def __init__(self, program: Path) -> None:
        places = (program.stat(), program.parent.stat())
        self._owners = {places[0].st_uid, os.geteuid()}
        self._groups = {place.st_gid for place in places if place.st_mode & stat.S_IWGRP}
        self._others = any(place.st_mode & stat.S_IWOTH for place in places)

    def include(self, facts: os.stat_result, kind: int) -> bool:
        """Return whether nobody else can write a file or folder of this kind."""
        is_of_group = not facts.st_mode & stat.S_IWGRP or facts.st_gid in self._groups
        is_of_others = not facts.st_mode & stat.S_IWOTH or self._others
        is_ours = facts.st_uid in self._owners and is_of_group and is_of_others
        return is_ours and stat.S_IFMT(facts.st_mode) == kind


def _digest(source: bytes, code: bytes) -> bytes:
    return hashlib.sha256(source + code).digest()
