"""The address file of a running `imagemill up`, by which other commands find it."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path

from imagemill.dataclass import dataclass
from imagemill.errors import SetupFailed
from imagemill.local.root_key import write_private


@dataclass(frozen=True, slots=True)
class Address:
    """The names, URLs and keys of a stack on the embedded AWS."""

    endpoint: str
    region: str
    stack: str
    originals_bucket: str
    processed_bucket: str
    table: str
    queue_url: str
    dead_letter_queue_url: str
    api_url: str
    api_key: str
    site_bucket: str
    gallery_url: str
    """URL without the API key; empty if the stack has no gallery."""
    images_url: str
    """Base of the URLs of images on request, without a slash; empty if the stack makes none."""
    aws_access_key_id: str
    aws_secret_access_key: str
    users_api_url: str = ""
    """URL of the API for users with a token; empty without an issuer."""
    signed_api_url: str = ""
    """URL of the API for signed requests; empty unless the parameter IamAuth is `true`."""
    shares_api_url: str = ""
    """URL of the API for share links; empty unless the parameter Shares is `true`."""


def default_data_dir() -> Path:
    """Return the default data folder of `up` (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "imagemill"


@contextmanager
def claimed(data_dir: Path) -> Iterator[None]:
    """Lock a data folder; raises SetupFailed if another `up` uses it."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            raise SetupFailed(
                f"another `imagemill up` uses {data_dir}; stop it or choose another --data-dir"
            ) from fault
        yield


@contextmanager
def published(address: Address, data_dir: Path) -> Iterator[None]:
    """Write the address to its data folder and to the default file; remove both at the end."""
    paths = {data_dir / "up.json", _default_file()}
    for path in paths:
        write_private(path, json.dumps(asdict(address)))
    try:
        yield
    finally:
        for path in paths:
            if read_address(path) == address:
                path.unlink()


def running(data_dir: Path | None = None) -> Address | None:
    """Return the address of the `up` with this data folder; default: of the last one started."""
    return read_address(data_dir / "up.json" if data_dir else _default_file())


def read_address(path: Path) -> Address | None:
    """Read an address file; None if it is missing or malformed."""
    try:
        facts = json.loads(path.read_text())
        if not isinstance(facts, dict):
            return None
        known = {field.name for field in fields(Address)}
        return Address(**{name: value for name, value in facts.items() if name in known})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _default_file() -> Path:
    return default_data_dir() / "running.json"
