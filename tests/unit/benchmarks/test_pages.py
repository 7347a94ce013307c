"""Pages that are written from figures: tables and the sentences around them."""

import re
from pathlib import Path

import pytest

from benchmarks import comparison_tables, memory
from benchmarks.comparison import Comparison
from benchmarks.comparison_tables import label
from benchmarks.grants import SIZES_MB
from benchmarks.rounds import Timings
from benchmarks.rows import Row
from benchmarks.targets import inside
from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.costs.durations import CORE_MB

ROW = Row("web", "JPEG", "500 px", (inside(500),), ("imagemill", "sharp", "opencv"))
FOUND = Comparison(
    ROW,
    (Path("a.jpg"), Path("b.jpg")),
    Timings(
        {
            ("imagemill", "a.jpg"): [10, 10],
            ("imagemill", "b.jpg"): [40, 40],
            ("sharp", "a.jpg"): [20, 20],
            ("sharp", "b.jpg"): [20, 20],
            ("opencv", "a.jpg"): [5, 5],
        },
        {
            ("imagemill", "a.jpg"): 10_000,
            ("imagemill", "b.jpg"): 40_000,
            ("opencv", "a.jpg"): 10_000,
        },
    ),
    resize={"imagemill": 95.04},
    file={"imagemill": 80},
    peak_bytes={"imagemill": 16_400_000},
)


@pytest.fixture
def lines() -> dict[str, list[str]]:
    """The cells of the table by tool."""
    rows = [line for line in comparison_tables.rendered(FOUND).splitlines() if line[:1] == "|"]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {first: rest for first, *rest in cells}


def test_a_line_has_time_ratio_range_bytes_quality_and_memory(lines: dict[str, list[str]]) -> None:
    assert lines["imagemill"] == ["20", "1.00", "0.50–2.00", "20.0", "95.0", "80.0", "16"]


def test_a_tool_that_fails_at_a_file_has_no_mean(lines: dict[str, list[str]]) -> None:
    assert lines["opencv"] == ["–", "0.25", "0.25–0.25", "–", "–", "–", "–"]


def test_a_file_named_by_its_size_is_shown_with_its_wallpaper() -> None:
    assert label(Path("wallpapers/Flow/contents/images/5120x2880.jpg")) == "Flow 5120x2880.jpg"
    assert label(Path("photos/IMG_1.jpg")) == "IMG_1.jpg"


def test_the_text_about_memory_sizes_states_the_figures_of_its_table() -> None:
    pytest.importorskip("pillow_heif")

    text = memory.section({512: 3000.0, 1769: 1000.0}, 12, rounds=3).text.replace("\n", " ")

    dollars = [memory.model_dollars(size, 12) for size in SIZES_MB if size <= CORE_MB]
    assert f"{min(dollars):.2f} to {max(dollars):.2f} dollars" in text
    [(cents, direction)] = re.findall(r"these photos cost (\d+) cents (less|more)", text)
    saved = memory.model_dollars(DEFAULT_MEMORY_MB, 12) - memory.model_dollars(512, 12)
    assert int(cents) == round(abs(100 * saved))
    assert direction == ("less" if saved > 0 else "more")
