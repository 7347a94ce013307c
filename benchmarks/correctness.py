"""Who resizes images right? Writes docs/correctness.md.

    python -m benchmarks.correctness --out docs/correctness.md
    python -m benchmarks.correctness --files ../pictures --out docs/correctness.md

Draws images that each have one feature, and gives them to imagemill, to the code of Pillow
tutorials, to pyvips and to sharp, all run live; peers are installed into a scratch folder.

`--files` adds a folder of third-party images with `manifest.jsonl` in it, a JSON object a line:
`path` of the file and `feature`; `expect`: `ok`, `error`, `bounded`
(an image or an error, but in time) or `either` (left out); `exp_w` and `exp_h`: the size
it should have fitted into 500 × 500 px; `ref`, optional: path of a PNG in sRGB that it should look
like; `ref_conf`: only `high` is compared; `ref_mad`, optional: how far reference renderers are
apart. Paths are relative to the folder.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.correctness_case import TOLERANCE, Case, fault_of, read_reference
from benchmarks.correctness_drawn import drawn
from benchmarks.correctness_tools import Tool, ours, peers, run

Verdicts = dict[str, list[str]]
"""By tool, the fault of each case; nothing where it is right."""


def main() -> None:
    """Read the options, run everything, write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=Path, help="folder of images with a manifest.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="the page to write")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        others, absent = peers(scratch)
        tools = [*ours(), *others]
        own = drawn()
        parts = [_section("Drawn images", own, _judge(tools, own, scratch))]
        if options.files:
            found = read_manifest(options.files)
            parts.append(_section("Third-party images", found, _judge(tools, found, scratch)))
    options.out.write_text("\n".join([_head(absent), *parts]), encoding="utf-8")


def read_manifest(folder: Path) -> list[Case]:
    """Return the cases of a folder; images on which opinions differ are left out."""
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


def _judge(tools: Sequence[Tool], cases: Sequence[Case], scratch: Path) -> Verdicts:
    return {
        tool.name: [
            fault_of(case, outcome)
            for case, outcome in zip(cases, run(tool, cases, scratch), strict=True)
        ]
        for tool in tools
    }


def _head(absent: Sequence[str]) -> str:
    missing = f" Not to be had here: {', '.join(absent)}." if absent else ""
    return f"""# Who resizes images right?

Written by `make correctness` on {datetime.now(UTC):%Y-%m-%d}; every tool was run live, at
500 px, each file by itself.{missing} A rendition is right when its size is exact, it is upright by
its pixels, it is at most {TOLERANCE:.0f} levels of 255 off its reference on average, over white and
over black and as its own profile says, it moves if the original does, and it tells nobody where the
image was taken. What cannot be shown must be refused in so many words: an unhandled error, a
death or a time-out is wrong. ✓ is right; anything else says what was wrong.
"""


def _section(title: str, cases: Sequence[Case], verdicts: Verdicts) -> str:
    names = list(verdicts)
    rule = "|---" * (len(names) + 1) + "|"
    lines = [f"## {title}", "", "| |" + "".join(f" {name} |" for name in names), rule]
    lines.append(_row("**right**", [f"**{_right(verdicts[name])}**" for name in names]))
    lines += [
        _row(_label(cases, at), [verdicts[name][at] or "✓" for name in names])
        for at in range(len(cases))
    ]
    return "\n".join(lines) + "\n"


def _label(cases: Sequence[Case], at: int) -> str:
    case = cases[at]
    return f"{case.feature}: {case.name}" if case.name else case.feature


def _right(faults: Sequence[str]) -> str:
    return f"{faults.count('')} of {len(faults)}"


def _row(label: str, cells: Sequence[str]) -> str:
    return f"| {label} |" + "".join(f" {cell} |" for cell in cells)


if __name__ == "__main__":
    main()
