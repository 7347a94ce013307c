"""What a built template tells of its build, for SnapStart."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from artifact import date, stamp

BUILT = """Mappings:
  Build:
    SnapStart:
      'false': none
Resources:
  A: 1
"""


def stamped(folder: Path, *, code: bytes = b"x", template: str = BUILT) -> str:
    """Stamp a template that was built with this code, in a folder made for it; return it."""
    built, path = folder / "built", folder / "template.yaml"
    built.mkdir(parents=True)
    (built / "a.py").write_bytes(code)
    date(built)
    path.write_text(template)
    stamp(path, built)
    return path.read_text()


def made_of(template: str) -> str:
    loaded = yaml.safe_load(template)
    found = loaded["Mappings"]["Build"]["SnapStart"]
    assert found["false"] == "none"
    return str(found["true"])


def test_a_built_template_tells_what_it_was_built_of_and_is_else_what_it_was(
    tmp_path: Path,
) -> None:
    template = stamped(tmp_path)

    assert re.fullmatch("[0-9a-f]{16}", made_of(template))
    assert template.replace(f"      'true': '{made_of(template)}'\n", "") == BUILT


def test_two_builds_alike_are_made_of_the_same(tmp_path: Path) -> None:
    assert stamped(tmp_path / "p") == stamped(tmp_path / "q")


@pytest.mark.parametrize(
    "other", [{"code": b"y"}, {"template": BUILT.replace("A: 1", "A: 2")}], ids=["code", "template"]
)
def test_what_a_build_is_made_of_changes_with_its_code_and_its_template(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    first, second = stamped(tmp_path / "p"), stamped(tmp_path / "q", **other)

    assert made_of(first) != made_of(second)


@pytest.mark.parametrize(
    "template", ["Resources: {}\n", BUILT.replace("none\n", "none\n      'true': x\n")]
)
def test_a_template_without_a_place_for_it_is_not_stamped(tmp_path: Path, template: str) -> None:
    with pytest.raises(ValueError, match="expected one unstamped"):
        stamped(tmp_path, template=template)
