"""Line charts as SVG, readable on light and dark pages."""

from collections.abc import Mapping, Sequence
from html import escape

_ROW, _FIGURE = 26, 70
_STYLE = (
    "text{font:13px sans-serif;fill:#555}rect{fill:#9aa7b4}.ours{fill:#2f81f7}"
    "@media(prefers-color-scheme:dark){text{fill:#bbb}}"
)
_WIDE, _HIGH, _LEFT, _TOP, _FOOT = 520, 220, 70, 30, 34
_INKS = ("#2f81f7", "#e5534b", "#57ab5a", "#986ee2")


def lines(title: str, across: str, curves: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Return a chart of curves; `across` is the unit of the x axis, and both axes begin at 0."""
    most_x = max(x for curve in curves.values() for x, _ in curve)
    most_y = max(y for curve in curves.values() for _, y in curve)
    bottom, right = _TOP + _HIGH, _LEFT + _WIDE
    height = bottom + _FOOT + _ROW * len(curves)
    drawn = [
        _curve(curve, _INKS[at], most_x, most_y) for at, curve in enumerate(curves.values())
    ] + [_legend(name, _INKS[at], bottom + _FOOT + _ROW * at) for at, name in enumerate(curves)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{right + _FIGURE}"'
        f' height="{height}"><title>{escape(title)}</title><style>{_STYLE}'
        "path{fill:none;stroke-width:2}.axis{stroke:#999;stroke-width:1}</style>"
        f'<text x="0" y="17">{escape(title)}</text>'
        f'<path class="axis" d="M{_LEFT} {_TOP}V{bottom}H{right}"/>'
        f'<text x="{_LEFT - 8}" y="{_TOP + 10}" text-anchor="end">{most_y:,.0f}</text>'
        f'<text x="{_LEFT - 8}" y="{bottom}" text-anchor="end">0</text>'
        f'<text x="{right}" y="{bottom + 18}" text-anchor="end">'
        f"{most_x:,.0f} {escape(across)}</text>"
    )
    return "\n".join([head, *drawn, "</svg>\n"])


def _curve(curve: Sequence[tuple[float, float]], ink: str, most_x: float, most_y: float) -> str:
    points = (
        f"{_LEFT + _WIDE * x / most_x:.1f} {_TOP + _HIGH * (1 - y / most_y):.1f}" for x, y in curve
    )
    return f'<path stroke="{ink}" d="M{"L".join(points)}"/>'


def _legend(name: str, ink: str, top: int) -> str:
    return (
        f'<path stroke="{ink}" d="M{_LEFT} {top - 5}h24"/>'
        f'<text x="{_LEFT + 32}" y="{top}">{escape(name)}</text>'
    )
