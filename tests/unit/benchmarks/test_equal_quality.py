"""The benchmark of bytes at the quality of sharp's defaults."""

from benchmarks.equal_quality import CASES, Made, Pair, row
from imagemill.imaging.plan import DEFAULT_QUALITIES

SHARP = Made(75.0, 2_000, 100.0)
PAIR = Pair(SHARP, (Made(70.0, 1_000, 10.0), Made(80.0, 4_000, 40.0)))
WORSE = Pair(SHARP, (Made(60.0, 1_000, 10.0), Made(70.0, 4_000, 40.0)))


def test_bytes_and_time_are_those_at_the_score_of_the_other_tool() -> None:
    assert row("JPEG", [PAIR]) == ["JPEG", "2.0", "75.0", "1.00", "1.00–1.00", "0.20"]


def test_a_photo_whose_score_is_out_of_reach_leaves_the_ratios_open() -> None:
    assert row("JPEG", [PAIR, WORSE])[3:] == ["–", "–", "–"]


def test_every_lossy_format_of_both_tools_is_compared_around_the_default_of_imagemill() -> None:
    chosen = {str(to): quality for to, quality in DEFAULT_QUALITIES.items()}

    outside = [
        case.name
        for case in CASES
        if not case.qualities[0] < chosen[case.format] < case.qualities[-1]
    ]

    assert {case.format for case in CASES} == {"jpeg", "webp", "avif"}
    assert outside == []
