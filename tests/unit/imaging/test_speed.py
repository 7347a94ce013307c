import json
from pathlib import Path

import pytest

from benchmarks.short import PAIRS, TITLE, ratio

BASELINE = Path(__file__).parents[3] / "benchmarks" / "baseline.json"
MARGIN, ATTEMPTS = 1.5, 10


@pytest.mark.parametrize("name", PAIRS)
def test_no_speed_ratio_has_grown_beyond_the_margin(name: str) -> None:
    allowed = MARGIN * json.loads(BASELINE.read_text(encoding="utf-8"))[TITLE][name]

    assert any(ratio(name) <= allowed for _ in range(ATTEMPTS))
