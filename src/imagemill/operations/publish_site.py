"""Publish the gallery: store its files in the bucket, and delete all others."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.domain.sign_in import SignIn
from imagemill.domain.site_file import SiteFile
from imagemill.errors import SetupFailed

INDEX = "index.html"
CONFIG = "config.json"
# Media types of published files; files with other extensions are not published.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Publication:
    """The names of the files that were stored, in order, and of those that were deleted."""

    stored: tuple[str, ...]
    deleted: tuple[str, ...]


class Site(Protocol):
    """The bucket of a web site."""

    def names(self) -> set[str]:
        """Return the names of all files there."""

    def store(self, file: SiteFile) -> None:
        """Store a file that browsers have to revalidate at every visit."""

    def delete(self, name: str) -> None:
        """Delete a file."""


def site_files(
    folder: Path,
    api_url: str,
    sign_in: SignIn | None = None,
    *,
    private: bool = False,
    shares_api_url: str = "",
) -> list[SiteFile]:
    """Return the files of the gallery and its configuration, in the order to store them.

    If the images are `private`, the page sets cookies first. `shares_api_url` is the URL of the API
    for share links; empty without them.

    `index.html` is last, so that everything that the new page requests is already stored. Raises
    SetupFailed for a folder without it.
    """
    found = [
        SiteFile(path.name, path.read_bytes(), _TYPES[path.suffix])
        for path in sorted(folder.iterdir())
        if path.suffix in _TYPES
    ]
    if INDEX not in {file.name for file in found}:
        raise SetupFailed(f"{folder} holds no {INDEX}: it is not the gallery")
    settings = {
        "api": api_url,
        **({"signin": asdict(sign_in)} if sign_in else {}),
        **({"private": True} if private else {}),
        **({"shares": shares_api_url} if shares_api_url else {}),
    }
    config = SiteFile(CONFIG, json.dumps(settings).encode(), "application/json")
    return sorted([config, *found], key=lambda file: file.name == INDEX)


def publish(files: Iterable[SiteFile], site: Site) -> Publication:
    """Store the files in order, then delete all other files; it may be repeated."""
    stored: list[str] = []
    for file in files:
        site.store(file)
        stored.append(file.name)
    old = sorted(site.names() - set(stored))
    for name in old:
        site.delete(name)
    return Publication(tuple(stored), tuple(old))
