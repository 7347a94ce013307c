"""The root key of the embedded AWS: random, one per data folder, readable by its owner only."""

import json
import os
import secrets
import stat
from base64 import b32encode
from dataclasses import asdict, fields
from hashlib import sha256
from hmac import digest
from pathlib import Path

from imagemill.dataclass import dataclass
from imagemill.errors import SetupFailed

_FILE = "root-key.json"
# Key ids of AWS begin with AKIA; with another prefix, secret scanners do not report this key.
_PREFIX = "LKIA"
# Random bytes of the id (80 bits) and of the secret (240 bits).
_ID_BYTES = 10
_SECRET_BYTES = 30


@dataclass(frozen=True, slots=True)
class RootKey:
    """An access key with all rights on one embedded AWS."""

    access_key_id: str
    secret_access_key: str

    def derive(self, purpose: str) -> str:
        """Return 64 hexadecimal digits that only the holder of the secret can compute."""
        return digest(self.secret_access_key.encode(), purpose.encode(), sha256).hex()


def new_root_key() -> RootKey:
    """Return a random key in the format of AWS: 80 random bits of id, 240 of secret."""
    letters = b32encode(secrets.token_bytes(_ID_BYTES)).decode()
    return RootKey(_PREFIX + letters, secrets.token_urlsafe(_SECRET_BYTES))


def root_key(data_dir: Path) -> RootKey:
    """Return the key of a data folder; creates a key if the folder has no usable one.

    A key file that other users can read is replaced: no stored data depends on the key.
    Raises SetupFailed if the folder cannot be written.
    """
    path = data_dir / _FILE
    known = _read(path)
    if known is not None:
        return known
    key = new_root_key()
    try:
        write_private(path, json.dumps(asdict(key)))
    except OSError as fault:
        raise SetupFailed(f"{path} cannot be written: {fault.strerror}") from fault
    return key


def write_private(path: Path, text: str) -> None:
    """Write a file atomically; only its owner can ever read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _read(path: Path) -> RootKey | None:
    """Return the key in a file; None if it is malformed, not ours or open to other users."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
            return None
        if stat.S_IMODE(status.st_mode) & 0o077:
            return None
        facts = json.loads(path.read_text())
        key = RootKey(*(facts[field.name] for field in fields(RootKey)))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = (
        len(key.access_key_id) >= len(_PREFIX) + _ID_BYTES
        and len(key.secret_access_key) >= _SECRET_BYTES
    )
    return key if whole else None
