"""Tools of other projects, images to ask for, and a browser."""

import io
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live.browser import CHROMIUM, open_browser
from live.stack import Stack
from PIL import Image
from playwright.sync_api import Browser

from strangers.tools import NODE_MODULES, lacks

# Stores an image as PNG or JPEG in a folder, and returns its key when it is ready.
Store = Callable[..., str]


@pytest.fixture(scope="session")
def store(stack: Stack) -> Store:
    def stored(image: Image.Image, extension: str, folder: str = "strangers/") -> str:
        file, key = io.BytesIO(), f"{folder}{secrets.token_hex(6)}.{extension}"
        image.save(file, "JPEG" if extension == "jpg" else extension, quality=90)
        stack.wait_until_final(key, stack.put(key, file.getvalue()))
        return key

    return stored


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Return the folder with the packages of npm."""
    if not NODE_MODULES.is_dir() or shutil.which("node") is None:
        lacks("a package of npm")
    return NODE_MODULES


@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start a browser; a process can have one at a time."""
    if CHROMIUM is None:
        lacks("chromium")
    with open_browser(tmp_path_factory.mktemp("browser")) as browser:
        yield browser
