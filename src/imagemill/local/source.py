"""Our own source as a function's code archive; the dependencies are the interpreter's."""

import hashlib
import io
import zipfile
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Of every file in the archive, so that equal sources give equal bytes."""


def archive(package: Path) -> bytes:
    """Return a zip of a package's Python files and data, without tests of time or place."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as code:
        for path in sorted(package.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(package.parent).as_posix()
                code.writestr(zipfile.ZipInfo(name, _EPOCH), path.read_bytes())
    return buffer.getvalue()


def archive_key(data: bytes, folder: str) -> str:
    """Return the key to store an archive under: its hash, in a folder that nobody can guess.

    It changes exactly when the archive does, and what is loaded from it is held against the hash.
    """
    return f"{folder}/{hashlib.sha256(data).hexdigest()}.zip"
