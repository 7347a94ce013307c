"""Turns of an image, checked on a picture of 2 × 3 letters."""

import pytest

from imagemill.preset import ROTATIONS
from imagemill.requests.orientation import Orientation

PICTURE = ("ab", "cd", "ef")
Picture = tuple[str, ...]


def mirrored(picture: Picture) -> Picture:
    return tuple(row[::-1] for row in picture)


def clockwise(picture: Picture) -> Picture:
    return tuple("".join(column) for column in zip(*picture[::-1], strict=True))


def turned(picture: Picture, orientation: Orientation) -> Picture:
    picture = mirrored(picture) if orientation.mirror else picture
    for _ in range(orientation.rotation // 90):
        picture = clockwise(picture)
    return picture


ALL = [Orientation(mirror).rotated(degrees) for mirror in (False, True) for degrees in ROTATIONS]


@pytest.mark.parametrize("before", ALL)
def test_mirroring_follows_what_was_done_before(before: Orientation) -> None:
    assert turned(PICTURE, before.mirrored()) == mirrored(turned(PICTURE, before))


@pytest.mark.parametrize("before", ALL)
def test_flipping_follows_what_was_done_before(before: Orientation) -> None:
    assert turned(PICTURE, before.flipped()) == turned(PICTURE, before)[::-1]


@pytest.mark.parametrize("before", ALL)
def test_rotation_follows_what_was_done_before(before: Orientation) -> None:
    assert turned(PICTURE, before.rotated(90)) == clockwise(turned(PICTURE, before))


@pytest.mark.parametrize("orientation", ALL)
def test_a_point_goes_where_its_letter_goes(orientation: Orientation) -> None:
    # The letter f is at the right of the lower edge.
    x, y = orientation.after((1, 1))
    picture = turned(PICTURE, orientation)

    assert picture[round(y * (len(picture) - 1))][round(x * (len(picture[0]) - 1))] == "f"


@pytest.mark.parametrize("orientation", ALL)
def test_a_point_comes_back(orientation: Orientation) -> None:
    assert orientation.before(orientation.after((0.3, 0.9))) == (0.3, 0.9)
