"""The tables and drawings of docs/cost.md and docs/scaling.md, from the code that calculates.

    python -m benchmarks.sheets

They stand between marks, `<!-- prices -->` to `<!-- /prices -->`; what is around them is written by
hand. A test holds the pages to this.
"""

import re
from pathlib import Path

from benchmarks import cost_tables, scaling_tables
from benchmarks.scaling_tables import drawings

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ("cost.md", "scaling.md")
_TABLES = cost_tables.TABLES | scaling_tables.TABLES
_MARKED = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- /\2 -->)", re.DOTALL)


def renewed(page: str) -> str:
    """Return a page with everything between its marks written anew."""
    return _MARKED.sub(lambda found: f"{found[1]}{_TABLES[found[2]]()}\n{found[3]}", page)


def main() -> None:
    """Write the tables and the drawings."""
    for name in PAGES:
        page = DOCS / name
        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
    folder = DOCS / "scaling"
    folder.mkdir(exist_ok=True)
    for name, drawing in drawings().items():
        (folder / name).write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    main()
