"""Primaries of RGB colour spaces: chromaticities, and XYZ as seen in D50.

Sources: ITU-T H.273 for the codes, ICC.1:2010, annex E, for the adaptation.
"""

from collections.abc import Sequence

Matrix = tuple[tuple[float, ...], ...]
# XYZ of the white point of ICC profiles.
D50 = (0.9642, 1.0, 0.8249)
_BRADFORD: Matrix = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)

# x and y of white points.
_D65, _C, _E = (0.3127, 0.3290), (0.310, 0.316), (1 / 3, 1 / 3)
# x and y of red, green, blue and white, by H.273 code: BT.709, BT.470M, BT.470BG, BT.601, SMPTE
# 240, film, BT.2020, CIE XYZ, DCI-P3, Display P3, EBU 3213.
PRIMARIES: dict[int, tuple[tuple[float, float], ...]] = {
    1: ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), _D65),
    4: ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C),
    5: ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65),
    6: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    7: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    8: ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    10: ((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), _E),
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
    22: ((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65),
}


def columns(primaries: Sequence[tuple[float, float]]) -> tuple[tuple[float, ...], ...]:
    """Return XYZ of red, green and blue as seen in D50, from x and y of them and of white.

    Raises ZeroDivisionError if they lie on a line, or if white has no light.
    """
    *colours, white = primaries
    mixture = _transposed(tuple((x, y, 1 - x - y) for x, y in colours))
    amounts = _times(_inverse(mixture), _white(white))
    adapt = adaptation(primaries)
    red, green, blue = (
        _times(adapt, tuple(amount * part for part in (x, y, 1 - x - y)))
        for amount, (x, y) in zip(amounts, colours, strict=True)
    )
    return red, green, blue


def adaptation(primaries: Sequence[tuple[float, float]]) -> Matrix:
    """Return Bradford's matrix from the white of these primaries, the last entry, to D50."""
    was, now = _times(_BRADFORD, _white(primaries[-1])), _times(_BRADFORD, D50)
    scaled = tuple(
        tuple(value * after / before for value in row)
        for row, after, before in zip(_BRADFORD, now, was, strict=True)
    )
    inverse = _inverse(_BRADFORD)
    return _transposed(tuple(_times(inverse, column) for column in _transposed(scaled)))


def _white(chromaticity: tuple[float, float]) -> tuple[float, ...]:
    x, y = chromaticity
    return (x / y, 1.0, (1 - x - y) / y)


def _times(matrix: Matrix, vector: Sequence[float]) -> tuple[float, ...]:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def _transposed(matrix: Matrix) -> Matrix:
    return tuple(zip(*matrix, strict=True))


def _inverse(matrix: Matrix) -> Matrix:
    """Return the inverse of a 3 × 3 matrix: the cross products of its rows over its determinant."""
    (a, b, c) = matrix
    products = (_cross(b, c), _cross(c, a), _cross(a, b))
    volume = sum(x * y for x, y in zip(a, products[0], strict=True))
    return _transposed(tuple(tuple(value / volume for value in column) for column in products))


def _cross(a: Sequence[float], b: Sequence[float]) -> tuple[float, ...]:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
