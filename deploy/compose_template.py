# ruff: noqa: INP001 - scripts, not a package
"""Write template.yaml from its parts: `compose_template.py template template.yaml`.

The parts are YAML with three directives, each a comment on a line of its own:

    # @include FILE    the text of another part, indented like the directive
    # @for TABLE …     the lines up to `# @end`, once for each row of the tables
    # @end

A table is a YAML list of rows. Between `@for` and `@end`, also in parts that are included there,
`{{ column }}` is replaced by the value of the row. A line that uses a column which the row does not
have is left out.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path

import yaml

Row = Mapping[str, object]
_MAIN = "main.yaml"
_HEADER = "# Written by `make template` from the parts in template/. Edit those, not this file.\n"
_DIRECTIVE = re.compile(r"(?P<indent> *)# @(?P<verb>include|for) (?P<files>\S.*)")
_END = re.compile(r" *# @end")
_COLUMN = re.compile(r"\{\{ (\w+) \}\}")


def compose(folder: Path) -> str:
    """Return the template; raises ValueError for a column that no row of its table has."""
    return _HEADER + "\n".join(_part(folder, _MAIN)) + "\n"


def _part(folder: Path, name: str) -> Iterator[str]:
    return _composed(folder, iter((folder / name).read_text().splitlines()))


def _composed(folder: Path, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        directive = _DIRECTIVE.fullmatch(line)
        if not directive:
            yield line
        elif directive["verb"] == "include":
            yield from _indented(_part(folder, directive["files"]), directive["indent"])
        else:
            inner = takewhile(lambda line: not _END.fullmatch(line), lines)
            block = list(_with_named_parts(folder, inner))
            tables = [folder / name for name in directive["files"].split()]
            yield from _composed(folder, _repeated(block, tables))


def _with_named_parts(folder: Path, lines: Iterator[str]) -> Iterator[str]:
    """Include the parts whose names depend on no column."""
    for line in lines:
        directive = _DIRECTIVE.fullmatch(line)
        if directive and not _COLUMN.search(line):
            yield from _indented(_part(folder, directive["files"]), directive["indent"])
        else:
            yield line


def _indented(lines: Iterator[str], indent: str) -> Iterator[str]:
    return (indent + line if line else line for line in lines)


def _repeated(block: Sequence[str], tables: Sequence[Path]) -> Iterator[str]:
    rows: list[Row] = [row for table in tables for row in yaml.safe_load(table.read_text())]
    unknown = set(_COLUMN.findall("\n".join(block))) - {name for row in rows for name in row}
    if unknown:
        names = ", ".join(table.name for table in tables)
        raise ValueError(f"{names} has no column {', '.join(sorted(unknown))}")
    for row in rows:
        for line in block:
            if row.keys() >= set(_COLUMN.findall(line)):
                yield _filled(line, row)


def _filled(line: str, row: Row) -> str:
    return _COLUMN.sub(lambda column: str(row[column[1]]), line)


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(compose(Path(sys.argv[1])))
