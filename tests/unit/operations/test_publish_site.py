import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from imagemill.domain.sign_in import SignIn
from imagemill.domain.site_file import SiteFile
from imagemill.errors import SetupFailed
from imagemill.operations.publish_site import publish, site_files


@dataclass
class FakeSite:
    """A bucket in memory that records the order of its changes."""

    files: dict[str, SiteFile] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)

    def names(self) -> set[str]:
        return set(self.files)

    def store(self, file: SiteFile) -> None:
        self.files[file.name] = file
        self.history.append(f"+{file.name}")

    def delete(self, name: str) -> None:
        del self.files[name]
        self.history.append(f"-{name}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("index.html", "main.js", "zone.css", "icon.svg"):
        (tmp_path / name).write_text(name)
    for name in ("types.d.ts", "jsconfig.json", "main.js~", ".main.js.swp"):
        (tmp_path / name).write_text("not for visitors")
    return tmp_path


def test_a_page_is_stored_with_its_types_and_its_configuration(folder: Path) -> None:
    site = FakeSite()

    publish(site_files(folder, "https://api.example"), site)

    types = {name: file.content_type.partition(";")[0] for name, file in site.files.items()}
    assert types == {
        "config.json": "application/json",
        "icon.svg": "image/svg+xml",
        "index.html": "text/html",
        "main.js": "text/javascript",
        "zone.css": "text/css",
    }
    assert json.loads(site.files["config.json"].data) == {"api": "https://api.example"}


def test_the_configuration_tells_where_users_sign_in(folder: Path) -> None:
    outputs = {
        "GalleryClientId": "gallery",
        "GalleryScope": "openid",
        "JwtIssuer": "https://login.example.com",
        "JwtAudience": "app",
    }
    sign_in = SignIn.from_outputs(outputs, "https://users.example")

    [config] = [f for f in site_files(folder, "https://api", sign_in) if f.name == "config.json"]

    assert json.loads(config.data)["signin"] == {
        "issuer": "https://login.example.com",
        "client": "gallery",
        "audience": "app",
        "scope": "openid",
        "api": "https://users.example",
    }
    assert SignIn.from_outputs({}, "") is None


def test_the_configuration_tells_that_the_images_are_private(folder: Path) -> None:
    files = site_files(folder, "https://api", private=True)

    [config] = [file for file in files if file.name == "config.json"]
    assert json.loads(config.data) == {"api": "https://api", "private": True}


def test_index_html_is_stored_after_every_other_file(folder: Path) -> None:
    site = FakeSite()

    publish(site_files(folder, "a"), site)

    assert site.history[-1] == "+index.html"


def test_old_files_are_deleted_last(folder: Path) -> None:
    site = FakeSite({"former.js": SiteFile("former.js", b"", "")})

    done = publish(site_files(folder, "a"), site)

    assert done.deleted == ("former.js",)
    assert site.history[-1] == "-former.js"


def test_publishing_again_changes_nothing(folder: Path) -> None:
    site = FakeSite()
    publish(site_files(folder, "a"), site)
    before = dict(site.files)

    again = publish(site_files(folder, "a"), site)

    assert (site.files, again.deleted) == (before, ())


def test_a_folder_without_index_html_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(SetupFailed, match=r"holds no index\.html"):
        site_files(tmp_path, "a")
