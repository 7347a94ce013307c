"""A function's archive, and the template that names it."""

import io
import zipfile
from pathlib import Path

import pytest
from fakes.template import read_template

from imagemill.building import upload
from imagemill.building.archive import packaged, runtime_of, zipped
from imagemill.building.build import Built
from imagemill.building.targets import BUILDS, Target

TEMPLATE = read_template()


class FakeStore:
    """A bucket in memory that counts what it stores."""

    name = "code"

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}
        self.puts: list[str] = []

    def url(self, key: str) -> str:
        return f"https://code/{key}"

    def has(self, key: str) -> bool:
        return key in self.stored

    def put(self, key: str, data: bytes) -> None:
        self.stored[key] = data
        self.puts.append(key)


def test_equal_folders_have_equal_archives(tmp_path: Path) -> None:
    for name in ("p", "q"):
        (tmp_path / name / "a").mkdir(parents=True)
        (tmp_path / name / "a/b.py").write_text("x = 1")

    first, second = (zipped(tmp_path / name) for name in ("p", "q"))

    assert first == second
    [entry] = zipfile.ZipFile(io.BytesIO(first)).infolist()
    assert (entry.filename, entry.external_attr >> 16) == ("a/b.py", 0o644)


def test_every_function_of_the_template_has_a_build() -> None:
    functions = {
        name
        for name, one in TEMPLATE["Resources"].items()
        if one["Type"] == "AWS::Serverless::Function"
    }

    assert functions == set(BUILDS)


def test_the_packaged_template_names_the_code_of_each_function() -> None:
    text = packaged(TEMPLATE, "code", dict.fromkeys(BUILDS, "abc.zip"))

    assert text.count('"CodeUri": {"Bucket": "code", "Key": "abc.zip"}') == len(BUILDS)
    assert text.count('"CodeUri"') == len(BUILDS)
    assert "CodeUri" in TEMPLATE["Globals"]["Function"]


def test_the_functions_are_built_for_the_python_of_the_template() -> None:
    assert runtime_of(TEMPLATE) == "3.13"


def test_equal_functions_are_built_and_uploaded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []

    def build(name: str, folder: Path, target: Target) -> Built:
        assert target == Target("arm64", "3.13")
        folder.mkdir()
        built.append(name)
        return Built(folder, 1.0, f"digest-{name}", has_bytecode=True)

    monkeypatch.setattr(upload, "build_function", build)
    store, reported = FakeStore(), []

    for attempt in ("1", "2"):
        folder = tmp_path / attempt
        folder.mkdir()
        target = Target("arm64", "3.13")
        url = upload.upload_stack(
            TEMPLATE, folder, target, store, lambda name, _: reported.append(name)
        )

    assert reported == built == ["ResizeImageFunction", "ApiImageUploadFunction"] * 2
    assert store.puts[:2] == [
        "digest-ResizeImageFunction.zip",
        "digest-ApiImageUploadFunction.zip",
    ]
    assert len(store.puts) == 3
    assert url == store.url(store.puts[2])
