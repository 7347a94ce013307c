"""Ratios of CPU times: within a round, then over the files."""

import sys
from pathlib import Path

import pytest

from benchmarks.contender import Contender
from benchmarks.rounds import SLOW_MS, Timings, race

# Answers each request at once, with a CPU time that the command names.
_ANSWERS = """
import sys
for _ in sys.stdin:
    print('{"cpu_ms": %s, "bytes": [1]}' % sys.argv[1], flush=True)
"""

TIMINGS = Timings(
    {
        ("ours", "a"): [10, 40, 30],
        ("ours", "b"): [8, 8, 8],
        ("peer", "a"): [20, 20, 20],
        ("peer", "b"): [1, 1, 1],
        ("peer", "c"): [1, 1, 1],
    }
)


def test_the_ratio_of_a_file_is_the_median_of_the_ratios_within_a_round() -> None:
    assert TIMINGS.ratios("ours", "peer", ["a"]) == [1.5]


def test_the_ratio_of_several_files_is_their_geometric_mean() -> None:
    assert TIMINGS.ratio("ours", "peer", ["a", "b"]) == pytest.approx((1.5 * 8) ** 0.5)


def test_a_file_that_one_of_the_tools_cannot_read_has_no_ratio() -> None:
    assert TIMINGS.ratio("ours", "peer", ["c"]) is None


def test_a_tool_that_fails_at_a_file_has_no_mean_time() -> None:
    assert TIMINGS.mean_ms("peer", ["a", "c"]) == pytest.approx(20**0.5)
    assert TIMINGS.mean_ms("ours", ["a", "c"]) is None


def test_a_tool_that_takes_seconds_for_a_file_has_one_round() -> None:
    tools = [
        Contender(name, "1", (sys.executable, "-c", _ANSWERS, str(cpu_ms)))
        for name, cpu_ms in (("fast", SLOW_MS // 4), ("slow", SLOW_MS))
    ]

    found = race(tools, [Path("a"), Path("b")], [], rounds=3)

    assert found.cpu_ms["fast", "a"] == [SLOW_MS // 4] * 3
    assert found.cpu_ms["slow", "a"] == found.cpu_ms["slow", "b"] == [SLOW_MS]
    assert found.ratio("fast", "slow", ["a", "b"]) == pytest.approx(0.25)
