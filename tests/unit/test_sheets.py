"""The tables and drawings in the docs equal the generated ones."""

from pathlib import Path

import pytest

from benchmarks.scaling_tables import drawings
from benchmarks.sheets import PAGES, renewed

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_the_tables_of_a_page_are_up_to_date(name: str) -> None:
    page = (DOCS / name).read_text()

    assert renewed(page) == page, "make docs writes them again"


def test_the_drawings_are_up_to_date() -> None:
    stored = {path.name: path.read_text() for path in (DOCS / "scaling").iterdir()}

    assert stored == drawings(), "make docs draws them again"
