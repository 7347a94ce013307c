"""Bars as SVG, readable on light and dark pages."""

from collections.abc import Mapping
from html import escape

_LABEL, _WIDTH, _ROW, _FIGURE = 150, 480, 26, 70
_STYLE = (
    "text{font:13px sans-serif;fill:#555}rect{fill:#9aa7b4}.ours{fill:#2f81f7}"
    "@media(prefers-color-scheme:dark){text{fill:#bbb}}"
)


def bars(title: str, values: Mapping[str, float], ours: str) -> str:
    """Return a drawing of one bar for each value, `ours` in colour."""
    longest = max(values.values())
    height = _ROW * (len(values) + 1)
    rows = [
        _bar(name, value, _ROW * at, _WIDTH * value / longest, is_ours=name == ours)
        for at, (name, value) in enumerate(values.items(), 1)
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{_LABEL + _WIDTH + _FIGURE}"'
        f' height="{height}"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f'<text x="0" y="17">{escape(title)}</text>'
    )
    return "\n".join([head, *rows, "</svg>\n"])


def _bar(name: str, value: float, top: int, length: float, *, is_ours: bool) -> str:
    kind = ' class="ours"' if is_ours else ""
    return (
        f'<text x="{_LABEL - 8}" y="{top + 17}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="{_LABEL}" y="{top + 3}" width="{length:.0f}" height="{_ROW - 6}"{kind}/>'
        f'<text x="{_LABEL + length + 6:.0f}" y="{top + 17}">{value:.2f}</text>'
    )
