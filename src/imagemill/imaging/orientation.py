"""EXIF orientations as turns: how they combine, and where boxes lie before and after them."""

from imagemill.imaging.geometry import Box, Size

# By orientation, EXIF 2.32, tag 274: displayed x and y, each as multiples of stored x and y, about
# the middle of the image.
_MATRICES = {
    1: ((1, 0), (0, 1)),
    2: ((-1, 0), (0, 1)),
    3: ((-1, 0), (0, -1)),
    4: ((1, 0), (0, -1)),
    5: ((0, 1), (1, 0)),
    6: ((0, -1), (1, 0)),
    7: ((0, -1), (-1, 0)),
    8: ((0, 1), (-1, 0)),
}
_ORIENTATIONS = {matrix: orientation for orientation, matrix in _MATRICES.items()}
# Orientations that turn clockwise by so many degrees, and the one that mirrors.
_QUARTERS = {0: 1, 90: 6, 180: 3, 270: 8}
_MIRROR = 2
# The first orientation that exchanges rows and columns.
_SIDEWAYS = 5


def is_sideways(orientation: int) -> bool:
    """Return True if rows and columns change places."""
    return orientation >= _SIDEWAYS


def turn_of(*, mirror: bool, rotation: int) -> int:
    """Return the orientation that exchanges left and right, if `mirror`, and then rotates."""
    return combine(_MIRROR, _QUARTERS[rotation]) if mirror else _QUARTERS[rotation]


def combine(first: int, second: int) -> int:
    """Return the orientation that has the effect of two, one after the other."""
    (a, b), (c, d) = _MATRICES[second]
    (e, f), (g, h) = _MATRICES[first]
    product = (a * e + b * g, a * f + b * h), (c * e + d * g, c * f + d * h)
    return _ORIENTATIONS[product]


def as_stored(crop: Box, displayed: Size, orientation: int) -> Box:
    """Return the position of a box of the displayed image in the stored image."""
    left, top, right, bottom = crop.left, crop.top, crop.right, crop.bottom
    if orientation in (2, 3, 6, 7):
        left, right = displayed.width - right, displayed.width - left
    if orientation in (3, 4, 7, 8):
        top, bottom = displayed.height - bottom, displayed.height - top
    if is_sideways(orientation):
        return Box(top, left, bottom, right)
    return Box(left, top, right, bottom)


def as_displayed(box: Box, stored: Size, orientation: int) -> Box:
    """Return the position of a box of the stored image in the displayed image."""
    inverse = next(each for each in _MATRICES if combine(orientation, each) == 1)
    return as_stored(box, stored, inverse)
