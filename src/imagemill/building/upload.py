"""Build the functions of a template, and store them and the template for CloudFormation."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from imagemill.building.archive import packaged, zipped
from imagemill.building.build import Built, build_function
from imagemill.building.targets import BUILDS, Build, Target


class CodeStore(Protocol):
    """The bucket from which CloudFormation reads."""

    @property
    def name(self) -> str:
        """The bucket's name."""

    def url(self, key: str) -> str:
        """Return the URL of an object."""

    def has(self, key: str) -> bool:
        """Return whether the object exists."""

    def put(self, key: str, data: bytes) -> None:
        """Store an object."""


def upload_stack(
    template: Mapping[str, Any],
    folder: Path,
    target: Target,
    code: CodeStore,
    report: Callable[[str, Built], None],
) -> str:
    """Build into a folder, upload, and return the URL of the template.

    `report` gets the name and the result of each build. Functions with equal contents are built
    once. Keys are hashes of the contents, so that equal code is uploaded once.
    """
    keys: dict[Build, str] = {}
    functions = {name: kind for name, kind in BUILDS.items() if name in template["Resources"]}
    for name, kind in functions.items():
        if kind not in keys:
            built = build_function(name, folder / name, target)
            report(name, built)
            keys[kind] = _upload(code, f"{built.digest}.zip", partial(zipped, built.folder))
    text = packaged(template, code.name, {name: keys[one] for name, one in functions.items()})
    data = text.encode()
    return code.url(_upload(code, f"{hashlib.sha256(data).hexdigest()}.json", lambda: data))


def _upload(code: CodeStore, key: str, data: Callable[[], bytes]) -> str:
    if not code.has(key):
        code.put(key, data())
    return key
