import re
from dataclasses import fields
from pathlib import Path

import pytest

from imagemill.imaging import Limits
from imagemill.imaging.rendered import WARNINGS
from imagemill.pipeline.decide_result import INVALID_FOCUS, UNKNOWN_RULE

PAGE = (Path(__file__).parents[3] / "docs" / "imaging.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_every_warning_is_explained_and_no_other() -> None:
    explained = re.findall(r"^\| `([a-z_]+)` \|", section("Warnings"), re.MULTILINE)

    # The last ones are of the pipeline, not of the image.
    assert tuple(explained) == (*WARNINGS, UNKNOWN_RULE, INVALID_FOCUS)


def test_every_limit_is_listed_and_no_other() -> None:
    listed = re.findall(r"^\| `([a-z_]+)`", section("Limits"), re.MULTILINE)

    assert [name for name in listed if name != "Limits"] == [limit.name for limit in fields(Limits)]


@pytest.mark.parametrize("limit", ["max_pixels", "max_animation_pixels", "max_frames", "max_side"])
def test_the_limits_listed_are_the_defaults(limit: str) -> None:
    row = next(line for line in section("Limits").splitlines() if f"`{limit}`" in line)

    assert f"{getattr(Limits(), limit):,}" in row


def test_every_warning_is_given_by_the_code_that_lists_them() -> None:
    source = Path(__file__).parents[3] / "src" / "imagemill" / "imaging"
    code = "".join(file.read_text(encoding="utf-8") for file in sorted(source.glob("*.py")))

    given = set(re.findall(r'(?:append\(|warning=)"([a-z_]+)"', code))

    assert given == set(WARNINGS)
