"""The parts of the template become one file, and the committed file is up to date."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from compose_template import compose

ROOT = Path(__file__).parents[3]
# Lines that a part of the template may have.
LONGEST_PART = 150


def composed(folder: Path, parts: Mapping[str, str]) -> str:
    """Write the parts and return the composed text, without the first line."""
    for name, text in parts.items():
        (folder / name).write_text(text)
    return compose(folder).split("\n", 1)[1]


def test_the_committed_template_is_composed_of_its_parts() -> None:
    assert (ROOT / "template.yaml").read_text() == compose(ROOT / "template")


@pytest.mark.parametrize("part", sorted((ROOT / "template").rglob("*.*")), ids=lambda p: p.name)
def test_a_part_is_short(part: Path) -> None:
    assert len(part.read_text().splitlines()) <= LONGEST_PART


def test_an_included_part_is_indented_like_its_directive(tmp_path: Path) -> None:
    text = composed(
        tmp_path,
        {
            "main.yaml": "a:\n  # @include b.yaml\nc: 1\n",
            "b.yaml": "x: 1\n\n# @include d.yaml\n",
            "d.yaml": "y: 2\n",
        },
    )

    assert text == "a:\n  x: 1\n\n  y: 2\nc: 1\n"


def test_lines_are_repeated_for_each_row_of_a_table(tmp_path: Path) -> None:
    text = composed(
        tmp_path,
        {
            "main.yaml": "# @for t.yaml\n{{ name }}:\n  limit: {{ limit }}\n# @end\nz: 1\n",
            "t.yaml": "- { name: a, limit: 0.05 }\n- { name: b, limit: 2 }\n",
        },
    )

    assert text == "a:\n  limit: 0.05\nb:\n  limit: 2\nz: 1\n"


def test_a_line_whose_column_a_row_does_not_have_is_left_out(tmp_path: Path) -> None:
    text = composed(
        tmp_path,
        {
            "main.yaml": "# @for t.yaml\n- {{ name }}\n  at: {{ path }}\n# @end\n",
            "t.yaml": "- { name: a }\n- { name: b, path: / }\n",
        },
    )

    assert text == "- a\n- b\n  at: /\n"


def test_a_column_that_no_row_has_is_an_error(tmp_path: Path) -> None:
    parts = {"main.yaml": "# @for t.yaml\n- {{ nmae }}\n# @end\n", "t.yaml": "- { name: a }\n"}

    with pytest.raises(ValueError, match=r"t\.yaml has no column nmae"):
        composed(tmp_path, parts)


def test_a_row_can_name_the_part_that_it_includes(tmp_path: Path) -> None:
    text = composed(
        tmp_path,
        {
            "main.yaml": "# @for t.yaml\n{{ name }}:\n  # @include {{ name }}.yaml\n# @end\n",
            "t.yaml": "- { name: a }\n- { name: b }\n",
            "a.yaml": "x: 1\n",
            "b.yaml": "y: 2\n",
        },
    )

    assert text == "a:\n  x: 1\nb:\n  y: 2\n"
