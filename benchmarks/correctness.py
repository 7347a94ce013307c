"""Compare the results of resizers with expected ones. Writes docs/correctness.md.

    python -m benchmarks.correctness --out docs/correctness.md
    python -m benchmarks.correctness --files ../pictures --out docs/correctness.md

Generates images with one feature each and renders them with imagemill, the code of Pillow
tutorials, pyvips, sharp and thumbor. The other tools are installed into `benchmarks/.peers`, and so
are the decoders and metrics that judge JPEG XL, gain maps and scores.

`--files` adds a folder of third-party images with a `manifest.jsonl`, one JSON object per line.
Paths are relative to the folder. Fields:

    path, feature   the file, and the label of its row
    expect          ok, error, bounded (an image or an error, but in time), either (left out)
    exp_w, exp_h    the size of the result, fitted into 500 × 500 px
    ref             optional: a PNG in sRGB that the result should look like
    ref_conf        only with `high` the result is compared with `ref`
    ref_mad         optional: mean difference between reference renderers
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.correctness_case import (
    GAIN_TOLERANCE,
    SCORE_TOLERANCE,
    TOLERANCE,
    Case,
    fault_of,
    read_reference,
)
from benchmarks.correctness_drawn import drawn
from benchmarks.correctness_edits import EditedCase, edited
from benchmarks.correctness_judges import Judges, judges
from benchmarks.correctness_kinds import kinds
from benchmarks.correctness_matrix import INTRO, matrix, table_of
from benchmarks.correctness_reasons import REASONS
from benchmarks.correctness_tools import Tool, ours, peers, run

# By tool, the fault of each case; an empty text if the result is right.
Verdicts = dict[str, list[str]]
# Tools that run at the same time; most of them use one core.
_AT_ONCE = 6
_KINDS = f"""\
Every tool is asked by its own option; *no option* is that of a tool without one. A gain map is
right if it is within {GAIN_TOLERANCE} stops of the original's (root mean square), read by
gainmap-js. A wide gamut is kept if the colours are those of the original, converted by the
rendition's profile. A score is right within {SCORE_TOLERANCE} of SSIMULACRA 2, by the package
ssimulacra2.
"""


def main() -> None:
    """Read the options, run all tools, write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=Path, help="folder of images with a manifest.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="the page to write")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(_AT_ONCE) as pool:
        others, absent = peers()
        bench = _Bench([*ours(), *others], Path(folder), judges(Path(folder)), pool)
        parts = list(bench.sections(options.files))
    options.out.write_text("\n".join([_head(absent), *parts]), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Bench:
    """The tools, a folder, the judges of their renditions, and a pool that runs some at once."""

    tools: Sequence[Tool]
    scratch: Path
    judges: Judges
    pool: ThreadPoolExecutor

    def sections(self, files: Path | None) -> Iterator[str]:
        """Run all tools; yield the sections of the page."""
        own, several, new, edits = drawn(), list(matrix()), kinds(), list(edited())
        found = read_manifest(files) if files else []
        # The longest first.
        of_several = self._judge(self.tools, [each.case for each in several])
        of_own, of_new = self._judge(self.tools, own), self._judge(self.tools, new)
        of_edits = self._judge(self.tools[:1], [each.case for each in edits])
        of_found = self._judge(self.tools, found)
        yield _section("Generated images", own, _results(of_own))
        yield f"## Formats in and out\n\n{INTRO}\n{table_of(several, _results(of_several))}"
        yield _section("Newer kinds of images", new, _results(of_new), _KINDS)
        yield _section_of_edits(edits, *_results(of_edits).values())
        if files:
            yield _section("Third-party images", found, _results(of_found))
        yield REASONS

    def _judge(self, tools: Sequence[Tool], cases: Sequence[Case]) -> "_Judged":
        return {tool.name: self.pool.submit(self._verdicts, tool, cases) for tool in tools}

    def _verdicts(self, tool: Tool, cases: Sequence[Case]) -> list[str]:
        """Run a tool on the cases, in a folder of its own."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            outcomes = run(tool, cases, Path(folder))
            judges = replace(self.judges, scratch=Path(folder))
            pairs = zip(cases, outcomes, strict=True)
            return [fault_of(case, outcome, judges) for case, outcome in pairs]


_Judged = dict[str, "Future[list[str]]"]


def _results(judged: _Judged) -> Verdicts:
    return {name: verdicts.result() for name, verdicts in judged.items()}


def read_manifest(folder: Path) -> list[Case]:
    """Return the cases of a folder; leaves out images without an agreed result."""
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    return [_case(folder, entry) for entry in entries if entry["expect"] != "either"]


def _case(folder: Path, entry: dict[str, object]) -> Case:
    width, height = entry.get("exp_w"), entry.get("exp_h")
    is_compared = entry.get("ref") and entry.get("ref_conf") == "high"
    spread = float(str(entry.get("ref_mad") or 0))
    return Case(
        str(entry["feature"]),
        Path(str(entry["path"])).name,
        (folder / str(entry["path"])).read_bytes(),
        size=(width, height) if isinstance(width, int) and isinstance(height, int) else None,
        reference=read_reference(folder / str(entry["ref"])) if is_compared else None,
        is_refused=entry["expect"] == "error",
        may_be_refused=entry["expect"] == "bounded",
        tolerance=max(TOLERANCE, 2 * spread + 3),
    )


def _head(absent: Sequence[str]) -> str:
    missing = f" Not available here: {', '.join(absent)}." if absent else ""
    return f"""# Correctness

Written by `make correctness` on {datetime.now(UTC):%Y-%m-%d}; every tool rendered each file by
itself, at 500 px unless a section says otherwise.{missing} A rendition is right if

* its format is the one that was asked for,
* its size is exact,
* its pixels are upright without an orientation tag,
* it differs from its reference by at most {TOLERANCE:.0f} levels of 255 on average, over white and
  over black, converted by its own profile,
* it is animated if the original is,
* and it contains no GPS location.

JPEG XL is shown by jxl-oxide.

A file that cannot be shown must be refused with an error that names the cause; an unhandled error,
a crash or a timeout is wrong. ✓ is right; any other text names the fault.
"""


def _section(title: str, cases: Sequence[Case], verdicts: Verdicts, intro: str = "") -> str:
    names = list(verdicts)
    rule = "|---" * (len(names) + 1) + "|"
    lines = [
        f"## {title}",
        "",
        *([intro] if intro else []),
        "| |" + "".join(f" {name} |" for name in names),
        rule,
    ]
    lines.append(_row("**right**", [f"**{_right(verdicts[name])}**" for name in names]))
    lines += [
        _row(_label(cases, at), [verdicts[name][at] or "✓" for name in names])
        for at in range(len(cases))
    ]
    return "\n".join(lines) + "\n"


def _section_of_edits(cases: Sequence[EditedCase], faults: Sequence[str]) -> str:
    """Return a table of edits by kinds of files, JPEG in all orientations; only imagemill's."""
    found = {(each.edit, each.source): fault for each, fault in zip(cases, faults, strict=True)}
    edits, sources = (list(dict.fromkeys(names)) for names in zip(*found, strict=True))
    rows = [_row(f"`{edit}`", [found[edit, source] or "✓" for source in sources]) for edit in edits]
    head = f"| {_right(faults)} right |" + "".join(f" {source} |" for source in sources)
    intro = "imagemill's edits, each applied to a JPEG of every orientation and to other files.\n"
    rule = "|---" * (len(sources) + 1) + "|"
    return "\n".join(["## Edits of presets", "", intro, head, rule, *rows]) + "\n"


def _label(cases: Sequence[Case], at: int) -> str:
    case = cases[at]
    return f"{case.feature}: {case.name}" if case.name else case.feature


def _right(faults: Sequence[str]) -> str:
    return f"{faults.count('')} of {len(faults)}"


def _row(label: str, cells: Sequence[str]) -> str:
    return f"| {label} |" + "".join(f" {cell} |" for cell in cells)


if __name__ == "__main__":
    main()
