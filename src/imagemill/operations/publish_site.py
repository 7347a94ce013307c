"""Publish: the files of the gallery become what its bucket holds, and nothing else stays there."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from imagemill.domain.site_file import SiteFile
from imagemill.errors import SetupFailed

ENTRANCE = "index.html"
CONFIG = "config.json"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What is published; anything else beside it, such as an editor's leavings, is not."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing did: the names stored, in order, and those deleted."""

    stored: tuple[str, ...]
    deleted: tuple[str, ...]


class Site(Protocol):
    """The bucket that a web site is served from."""

    def names(self) -> set[str]:
        """Return the names of all files there."""

    def store(self, file: SiteFile) -> None:
        """Store a file, to be asked for afresh by every visitor."""

    def delete(self, name: str) -> None:
        """Delete a file."""


def site_files(folder: Path, api_url: str) -> list[SiteFile]:
    """Return the page and its configuration, in an order in which nothing is missed by a visitor.

    The entrance comes last: whoever sees the new one finds everything it asks for. Raises
    SetupFailed for a folder without one.
    """
    found = [
        SiteFile(path.name, path.read_bytes(), _TYPES[path.suffix])
        for path in sorted(folder.iterdir())
        if path.suffix in _TYPES
    ]
    if ENTRANCE not in {file.name for file in found}:
        raise SetupFailed(f"{folder} holds no {ENTRANCE}: it is not the gallery")
    config = SiteFile(CONFIG, json.dumps({"api": api_url}).encode(), "application/json")
    return sorted([config, *found], key=lambda file: file.name == ENTRANCE)


def publish(files: Iterable[SiteFile], site: Site) -> Publication:
    """Store the files in order, then delete whatever else is there; doing it again is safe."""
    stored: list[str] = []
    for file in files:
        site.store(file)
        stored.append(file.name)
    old = sorted(site.names() - set(stored))
    for name in old:
        site.delete(name)
    return Publication(tuple(stored), tuple(old))
