"""The package's source as a code archive of a function, without the dependencies."""

import hashlib
import io
import zipfile
from pathlib import Path

# Time of every file in the archive, so that the same source gives the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def archive(package: Path, *more: Path) -> bytes:
    """Return a zip of a package's files, the same bytes at any time and in any folder.

    `more` are files that an installed package contains and a source checkout has elsewhere.
    """
    buffer = io.BytesIO()
    found = {path.relative_to(package): path for path in package.rglob("*") if path.is_file()}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as code:
        for inner, path in sorted({**found, **{Path(one.name): one for one in more}}.items()):
            if "__pycache__" not in inner.parts:
                name = Path(package.name, inner).as_posix()
                code.writestr(zipfile.ZipInfo(name, _EPOCH), path.read_bytes())
    return buffer.getvalue()


def archive_key(data: bytes, folder: str) -> str:
    """Return the S3 key of an archive: its SHA-256, in the given secret folder.

    The key changes if and only if the archive changes. MiniStack verifies the hash before it loads
    the code.
    """
    return f"{folder}/{hashlib.sha256(data).hexdigest()}.zip"
