"""The generated tables and charts in the docs are up to date."""

from pathlib import Path

import pytest

from benchmarks.scaling_tables import drawings
from benchmarks.sheets import PAGES, renewed

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_the_tables_of_a_page_are_up_to_date(name: str) -> None:
    page = (DOCS / name).read_text()

    assert renewed(page) == page, "run `make docs`"


def test_the_charts_are_up_to_date() -> None:
    stored = {path.name: path.read_text() for path in (DOCS / "scaling").iterdir()}

    assert stored == drawings(), "run `make docs`"
