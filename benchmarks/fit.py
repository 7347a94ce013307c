"""Fit the coefficients of `costs.durations` to measurements: least squares, none negative."""

from collections.abc import Mapping, Sequence

from imagemill.costs.durations import DurationModel, LinearFit, Point
from imagemill.costs.work import Efforts, work_terms
from imagemill.imaging.plan import WebFormat
from imagemill.recipe import Recipe

_PASSES = 1_000
# Change of a coefficient, relative to its value, below which a pass was the last.
_STILL = 1e-5


def fit(
    points: Sequence[Point],
    wait: LinearFit,
    efforts: Efforts,
    sizes: Mapping[WebFormat, LinearFit],
    frame_sizes: Mapping[WebFormat, LinearFit],
) -> DurationModel:
    """Return the model with the smallest mean square of the relative errors."""
    return DurationModel(wait, _solved(points, efforts), efforts, sizes, frame_sizes)


def errors(model: DurationModel, points: Sequence[Point]) -> list[float]:
    """Return the relative error of the model at each point."""
    return [
        model.work_ms(point.megapixels, point.format, Recipe.parse(point.recipe), point.frames)
        / point.ms
        - 1
        for point in points
    ]


def _solved(points: Sequence[Point], efforts: Efforts) -> dict[str, float]:
    """Return the coefficients, by coordinate descent; each point counts by its relative error."""
    rows = [
        {name: amount / point.ms for name, amount in _terms(point, efforts).items()}
        for point in points
    ]
    names = sorted({name for row in rows for name in row})
    columns = {name: [row.get(name, 0.0) for row in rows] for name in names}
    columns = {name: column for name, column in columns.items() if any(column)}
    squares = {name: sum(value * value for value in column) for name, column in columns.items()}
    found = dict.fromkeys(names, 0.0)
    left = [1.0] * len(rows)
    for _ in range(_PASSES):
        moved = 0.0
        for name, column in columns.items():
            step = sum(map(float.__mul__, column, left)) / squares[name]
            step = max(step, -found[name])
            if step:
                found[name] += step
                left = [rest - step * value for rest, value in zip(left, column, strict=True)]
                moved = max(moved, abs(step) / (found[name] or 1.0))
        if moved < _STILL:
            break
    return found


def _terms(point: Point, efforts: Efforts) -> dict[str, float]:
    recipe = Recipe.parse(point.recipe)
    return work_terms(point.megapixels, point.format, recipe, efforts, point.frames)
