"""The tables in the docs are those that the code makes."""

from pathlib import Path

import pytest

from benchmarks.scaling_tables import drawings
from benchmarks.sheets import PAGES, renewed

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_the_tables_of_a_page_are_those_of_the_code(name: str) -> None:
    page = (DOCS / name).read_text()

    assert renewed(page) == page, "make docs writes them anew"


def test_the_drawings_are_those_of_the_code() -> None:
    stored = {path.name: path.read_text() for path in (DOCS / "scaling").iterdir()}

    assert stored == drawings(), "make docs draws them anew"
