"""Write a file completely or not at all."""

import secrets
from pathlib import Path


def write_file(path: Path, data: bytes) -> None:
    """Write a file atomically, and create its folders; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
