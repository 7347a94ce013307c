"""A function's folder as the zip archive that Lambda takes, and the template that names it."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Time and mode of every file, so that equal folders have equal archives.
_TIME = (1980, 1, 2, 0, 0, 0)
_MODE = 0o644 << 16


def zipped(folder: Path) -> bytes:
    """Return the archive of a folder's files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _TIME)
                entry.external_attr = _MODE
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def packaged(template: Mapping[str, Any], bucket: str, keys: Mapping[str, str]) -> str:
    """Return the template as JSON, with the code of each function at a key of the bucket."""
    text = json.dumps(template)
    result: dict[str, Any] = json.loads(text)
    result["Globals"]["Function"].pop("CodeUri")
    for name, key in keys.items():
        result["Resources"][name]["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    return json.dumps(result)


def runtime_of(template: Mapping[str, Any]) -> str:
    """Return the version of Python that the functions run on, such as 3.13."""
    return str(template["Globals"]["Function"]["Runtime"]).removeprefix("python")
