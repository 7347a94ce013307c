"""The benchmark of images on request: addresses of the tools, and bytes at the same quality."""

import pytest

from benchmarks.on_request import CASES, Choice
from benchmarks.on_request_quality import at_score
from benchmarks.on_request_tools import ipx_path, thumbor_path

ASKED = {"key": "a/b.jpg", "width": 640, "extension": "jpg", "quality": None}
POINTS = [(90.0, 4_000), (70.0, 1_000), (80.0, 2_000)]


def test_tools_are_asked_for_the_same_size() -> None:
    assert ipx_path(ASKED) == "/w_640,f_jpeg/a/b.jpg"
    assert (
        thumbor_path(lambda key: f"http://s3/{key}?x=1", ASKED)
        == "/unsafe/640x0/filters:format(jpeg)/http%3A%2F%2Fs3%2Fa%2Fb.jpg%3Fx%3D1"
    )


def test_tools_are_asked_for_a_quality() -> None:
    asked = {**ASKED, "extension": "webp", "quality": 75}

    assert ipx_path(asked) == "/w_640,f_webp,q_75/a/b.jpg"
    assert (
        thumbor_path(lambda key: key, asked)
        == "/unsafe/640x0/filters:format(webp):quality(75)/a%2Fb.jpg"
    )


@pytest.mark.parametrize(
    ("score", "expected"), [(70.0, 1_000), (75.0, 1_414), (90.0, 4_000), (69.9, None), (91, None)]
)
def test_bytes_are_interpolated_between_two_qualities(score: float, expected: int | None) -> None:
    found = at_score(score, POINTS)

    assert (found and round(found)) == expected


def test_only_the_chosen_tools_are_started() -> None:
    assert list(Choice({"sharp", "imagemill"}).offers()) == ["imagemill", "sharp"]
    assert "thumbor" in Choice().offers()


def test_no_size_is_asked_for_twice() -> None:
    widths = [(case.width, case.extension) for case in CASES.values()]
    widths += [(case.before, case.extension) for case in CASES.values() if case.before]

    assert len(set(widths)) == len(widths)
