"""Write the tables and charts of docs/cost.md, docs/scaling.md and docs/urls.

    python -m benchmarks.sheets

Each table stands between markers such as `<!-- prices -->` and `<!-- /prices -->`; the text around
them is written by hand. A test fails when a page differs from the output.
"""

import re
from pathlib import Path

from benchmarks import conformance, cost_tables, scaling_tables
from benchmarks.scaling_tables import drawings

DOCS = Path(__file__).parents[1] / "docs"
PAGES = (
    "cost.md",
    "scaling.md",
    "urls/README.md",
    "urls/imgix.md",
    "urls/imgproxy.md",
    "urls/iiif.md",
)
_TABLES = cost_tables.TABLES | scaling_tables.TABLES | conformance.TABLES
_MARKED = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- /\2 -->)", re.DOTALL)


def renewed(page: str) -> str:
    """Return the page with the text between its markers replaced by the current tables."""
    return _MARKED.sub(lambda found: f"{found[1]}{_TABLES[found[2]]()}\n{found[3]}", page)


def main() -> None:
    """Write the tables and the charts."""
    for name in PAGES:
        page = DOCS / name
        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
    folder = DOCS / "scaling"
    folder.mkdir(exist_ok=True)
    for name, drawing in drawings().items():
        (folder / name).write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    main()
