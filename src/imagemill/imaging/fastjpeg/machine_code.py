"""The decoder's machine code, kept beside the bytecode of our own modules and trusted as it is.

Compiling takes fifty milliseconds, reading what was compiled before a third of one. It is native
code that runs outside any sandbox, so it is read only where Python's own bytecode is: in the
`__pycache__` of this very folder, if the file is of the owner of our source or of this user, and
nobody else may write it. Who could put another there could as well change our modules.
"""

import hashlib
import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from imagemill.imaging.fastjpeg.wasmtime import machine

_HERE = Path(__file__).parent
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_HASH_BYTES = hashlib.sha256().digest_size


def place(folder: Path = _HERE, kind: str = "") -> Path:
    """Return where the machine code stands, if it does: for `kind`, linux-aarch64, or this machine.

    `folder` is the one that holds the decoder.
    """
    return folder / "__pycache__" / f"decoder.{kind or f'{sys.platform}-{machine()}'}.cwasm"


def read(source: bytes, path: Path) -> bytes | None:
    """Return what was made of `source`, a module; None if it is not there, whole and trusted."""
    try:
        is_trusted = _is_trusted(path.parent.lstat(), stat.S_IFDIR)
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not is_trusted or not _is_trusted(os.fstat(descriptor), stat.S_IFREG):
                return None
            kept = file.read()
    except OSError:
        return None
    return unsealed(source, kept)


def write(source: bytes, code: bytes, path: Path) -> None:
    """Keep what was made of `source`; nothing happens where that is not possible."""
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed(source, code))
        Path(name).chmod(0o644)
        Path(name).replace(path)


def sealed(source: bytes, code: bytes) -> bytes:
    """Return a file's content that says that it is whole, and made of `source`."""
    return _digest(source, code) + code


def unsealed(source: bytes, kept: bytes) -> bytes | None:
    """Return the machine code of a file's content; None if it is not whole, or not of `source`."""
    digest, code = kept[:_HASH_BYTES], kept[_HASH_BYTES:]
    return code if digest == _digest(source, code) else None


def _is_trusted(facts: os.stat_result, kind: int) -> bool:
    owners = (_HERE.stat().st_uid, os.geteuid())
    is_ours = facts.st_uid in owners and not facts.st_mode & _OTHERS_WRITE
    return is_ours and stat.S_IFMT(facts.st_mode) == kind


def _digest(source: bytes, code: bytes) -> bytes:
    return hashlib.sha256(source + code).digest()
