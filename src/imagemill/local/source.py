"""The package's source as a code archive of a function, without the dependencies."""

import hashlib
import io
import zipfile
from pathlib import Path

# Time of every file in the archive, so that the same source gives the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def archive(package: Path) -> bytes:
    """Return a zip of a package's files, the same bytes at any time and in any folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as code:
        for path in sorted(package.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(package.parent).as_posix()
                code.writestr(zipfile.ZipInfo(name, _EPOCH), path.read_bytes())
    return buffer.getvalue()


def archive_key(data: bytes, folder: str) -> str:
    """Return the S3 key of an archive: its SHA-256, in the given secret folder.

    The key changes if and only if the archive changes. MiniStack verifies the hash before it loads
    the code.
    """
    return f"{folder}/{hashlib.sha256(data).hexdigest()}.zip"
