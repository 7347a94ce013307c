"""Every format in and out, with orientation, alpha, profile and animation: a table of counts."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.correctness_asked import Asked
from benchmarks.correctness_case import Case
from benchmarks.correctness_originals import FITTED, Original, originals

OUTPUTS = ("keep", "jpeg", "png", "webp", "avif", "jxl")
_NAMES = {"jpeg": "JPEG", "png": "PNG", "webp": "WebP", "avif": "AVIF", "jxl": "JPEG XL"}
# Formats that an animation keeps; JPEG shows its first frame.
_ANIMATED_OUTPUTS = frozenset(("keep", "png", "webp", "avif", "jxl"))
# Animated quarters as GIF have few colours, and their frames are encoded with less care.
_TOLERANCE, _ANIMATED_TOLERANCE = 6.0, 9.0
INTRO = f"""\
Each cell counts the files of a format that a tool turned into another one correctly, at
{FITTED[0]} px. Still images have every orientation from 1 to 8, without and with alpha, in sRGB and
in Display P3, as far as the format can. Camera raw files are those of eight makers. Animations have
four frames, without and with transparency; first and last frame and the duration of all are
compared. The text behind a count is the fault of most of the other files. *As it is* is the format
that a tool chooses if nothing else is asked.
"""


@dataclass(frozen=True, slots=True)
class MatrixCase:
    """A case, and its row: the formats of original and rendition."""

    kind: str
    to: str
    case: Case

    @property
    def row(self) -> str:
        """The label of the row."""
        return f"{self.kind} → {_NAMES.get(self.to, 'as it is')}"


def matrix() -> Iterator[MatrixCase]:
    """Yield all cases, row by row."""
    by_kind: dict[str, list[Original]] = {}
    for each in originals():
        by_kind.setdefault(each.kind, []).append(each)
    for kind, some in by_kind.items():
        for to in OUTPUTS:
            yield from (MatrixCase(kind, to, _case(each, to)) for each in some)


def table_of(cases: Sequence[MatrixCase], faults: Mapping[str, Sequence[str]]) -> str:
    """Return the rows as Markdown, with the count of each tool."""
    rows = list(dict.fromkeys(each.row for each in cases))
    lines = ["| |" + "".join(f" {name} |" for name in faults), "|---" * (len(faults) + 1) + "|"]
    totals = (f"{some.count('')} of {len(some)}" for some in faults.values())
    lines.append("| **right** |" + "".join(f" **{total}** |" for total in totals))
    for row in rows:
        places = [at for at, each in enumerate(cases) if each.row == row]
        cells = (_cell([some[at] for at in places]) for some in faults.values())
        lines.append(f"| {row} |" + "".join(f" {cell} |" for cell in cells))
    return "\n".join(lines) + "\n"


def _cell(faults: Sequence[str]) -> str:
    wrong = [fault for fault in faults if fault]
    if not wrong:
        return f"✓ {len(faults)}"
    kinds = Counter(re.sub(r"[0-9.]+", "", fault) for fault in wrong)
    [(usual, _)] = kinds.most_common(1)
    example = next(fault for fault in wrong if re.sub(r"[0-9.]+", "", fault) == usual)
    return f"{len(faults) - len(wrong)} of {len(faults)}: {example}"


def _case(original: Original, to: str) -> Case:
    is_moving = original.frames > 1 and to in _ANIMATED_OUTPUTS
    return Case(
        original.kind,
        to,
        original.data,
        FITTED,
        original.reference,
        frames=original.frames if is_moving else 1,
        tolerance=_ANIMATED_TOLERANCE if original.frames > 1 else _TOLERANCE,
        asked=Asked(FITTED[0], FITTED[0], to),
        last=original.last if is_moving else None,
        duration_ms=original.duration_ms if is_moving else 0,
    )
