"""The code of docs/library.md works, and its tables are true."""

import copy
import pickle
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from fakes.images import jpeg

import imagemill
from imagemill import Limits, Recipe, render
from imagemill.imaging.worker_process import render_isolated

PAGE = (Path(__file__).parents[2] / "docs/library.md").read_text()


def test_the_code_of_the_page_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "photo.jpg").write_bytes(jpeg(1200, 800))
    monkeypatch.chdir(tmp_path)
    # Pools of processes import the main module of the program.
    names: dict[str, Any] = {"__name__": "page"}

    for block in blocks:
        exec(block, names)  # noqa: S102  # the blocks of our own page

    printed = capsys.readouterr().out.splitlines()
    assert len(blocks) == 7
    assert printed[:4] == [
        "500 image/jpeg 500 333",
        "thumb image/webp 160 160",
        "not_an_image - the bytes are not a known kind of image",
        "jpeg 1200 800 1",
    ]
    assert printed[4].startswith("please choose another file")
    assert printed[5] == "2"
    assert (tmp_path / "photo-thumb").read_bytes()[8:12] == b"WEBP"


def test_the_page_lists_every_limit_with_its_default() -> None:
    listed = dict(re.findall(r"^\| `(\w+)` \| `?([\w.,]+)`? \|", PAGE, re.MULTILINE))
    defaults = Limits()

    assert listed == {
        field.name: f"{value:,}" if type(value) is int else str(value)
        for field in fields(Limits)
        for value in [getattr(defaults, field.name)]
    }


def test_a_result_survives_pickling_and_copying() -> None:
    result = render(jpeg(40, 30), Recipe.parse("20"))

    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301  # our own bytes
    assert copy.deepcopy(result) == result


def test_the_package_has_the_names_that_it_lists_and_no_other() -> None:
    assert {name for name in imagemill.__all__ if hasattr(imagemill, name)} == set(
        imagemill.__all__
    )
    assert imagemill.render_isolated is render_isolated
    with pytest.raises(AttributeError, match="has no attribute 'resize_all'"):
        imagemill.resize_all  # type: ignore[attr-defined]  # noqa: B018  # it is looked up
