# ruff: noqa: INP001 - a script, not a package
"""Draw the architecture diagram of README.md and docs/architecture.md.

architecture.py DIRECTORY    writes architecture-light.svg and architecture-dark.svg there

Coordinates are SVG units; the README shows about 0.9 px for each. `template.yaml` is the source of
the resources and of their connections.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

WIDTH = 898
HEIGHT = 578
LINE_HEIGHT = 17
_TITLE = "Architecture of imagemill"
_DESCRIPTION = (
    "Clients upload through API Gateway and ApiImageUploadFunction or directly to the originals "
    "bucket. S3 sends event notifications to an SQS queue. ResizeImageFunction takes batches from "
    "the queue, stores renditions in the processed bucket, writes records to DynamoDB and sends "
    "completion events to EventBridge. After 4 failed attempts a message goes to a dead-letter "
    "queue. CloudFront serves the gallery and the renditions, and asks TransformFunction for sizes "
    "that are not stored yet. A backfill in Step Functions lists the originals bucket and sends "
    "messages to the same queue. WebhookFunction sends completion events to a server of the user. "
    "ArchiveFunction stores JPEG originals as lossless JPEG XL."
)

Kind = Literal["client", "edge", "function", "storage", "messaging"]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one diagram; `kinds` gives fill and border of a box."""

    name: str
    background: str
    text: str
    muted: str
    line: str
    kinds: dict[Kind, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with its text centred, the first line bold; x and y are its top left corner."""

    kind: Kind
    x: int
    y: int
    width: int
    lines: tuple[str, ...]
    height: int = 54


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line through these points with a head at its end, and at its start if it goes both ways."""

    points: tuple[tuple[int, int], ...]
    both_ways: bool = False
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Text beside an arrow; y is the baseline of its first line."""

    x: int
    y: int
    lines: tuple[str, ...]
    anchor: Literal["start", "middle", "end"] = "middle"


PALETTES = (
    Palette(
        name="light",
        background="#ffffff",
        text="#1f2328",
        muted="#57606a",
        line="#57606a",
        kinds={
            "client": ("#f6f8fa", "#8c959f"),
            "edge": ("#ddf4ff", "#0969da"),
            "function": ("#fff1e5", "#bc4c00"),
            "storage": ("#dafbe1", "#1a7f37"),
            "messaging": ("#fbefff", "#8250df"),
        },
    ),
    Palette(
        name="dark",
        background="#0d1117",
        text="#e6edf3",
        muted="#9da7b3",
        line="#8b949e",
        kinds={
            "client": ("#21262d", "#8b949e"),
            "edge": ("#0c2d6b", "#58a6ff"),
            "function": ("#4d2200", "#f0883e"),
            "storage": ("#033a16", "#3fb950"),
            "messaging": ("#3c1e70", "#bc8cff"),
        },
    ),
)

BOXES = (
    Box("client", 12, 72, 122, ("Clients", "browser, CLI, SDK")),
    Box("edge", 166, 72, 142, ("API Gateway", "API key")),
    Box("function", 344, 72, 200, ("ApiImageUploadFunction", "Lambda")),
    Box("storage", 602, 72, 146, ("Originals bucket", "S3, versioned")),
    Box("messaging", 774, 142, 112, ("Backfill", "Step Functions")),
    Box("storage", 166, 212, 142, ("Records table", "DynamoDB")),
    Box("function", 344, 212, 200, ("ResizeImageFunction", "Lambda")),
    Box("messaging", 602, 212, 146, ("Uploads queue", "SQS")),
    Box("edge", 12, 302, 122, ("CloudFront", "gallery and", "renditions"), height=124),
    Box("storage", 166, 302, 142, ("Processed bucket", "S3")),
    Box("storage", 166, 372, 142, ("Site bucket", "S3")),
    Box("function", 166, 442, 162, ("TransformFunction", "Lambda")),
    Box("messaging", 398, 326, 146, ("Completion events", "EventBridge")),
    Box("messaging", 602, 326, 146, ("Dead-letter queue", "SQS")),
    Box("function", 398, 442, 146, ("WebhookFunction", "Lambda, optional")),
    Box("client", 602, 442, 146, ("Your server", "HTTPS")),
    Box("function", 602, 512, 146, ("ArchiveFunction", "Lambda, optional")),
)

ARROWS = (
    Arrow(((134, 99), (166, 99)), both_ways=True),
    Arrow(((308, 99), (344, 99)), both_ways=True),
    Arrow(((544, 99), (602, 99))),
    Arrow(((73, 72), (73, 38), (675, 38), (675, 72))),
    Arrow(((444, 126), (444, 168), (237, 168), (237, 212)), both_ways=True),
    Arrow(((675, 126), (675, 212))),
    Arrow(((632, 126), (632, 168), (510, 168), (510, 212))),
    Arrow(((602, 239), (544, 239))),
    Arrow(((344, 239), (308, 239)), both_ways=True),
    Arrow(((384, 266), (384, 329), (308, 329))),
    Arrow(((471, 266), (471, 326))),
    Arrow(((675, 266), (675, 326))),
    Arrow(((471, 380), (471, 442)), dashed=True),
    Arrow(((544, 469), (602, 469)), dashed=True),
    Arrow(((378, 426), (378, 539), (602, 539)), dashed=True),
    Arrow(((748, 539), (762, 539), (762, 99), (748, 99)), dashed=True),
    Arrow(((166, 329), (134, 329))),
    Arrow(((166, 399), (134, 399))),
    Arrow(((73, 302), (73, 126))),
    Arrow(((73, 426), (73, 469), (166, 469)), both_ways=True),
    Arrow(((328, 469), (356, 469), (356, 345), (308, 345)), both_ways=True),
    Arrow(((748, 99), (830, 99), (830, 142)), dashed=True),
    Arrow(((830, 196), (830, 239), (748, 239)), dashed=True),
)

LABELS = (
    Label(374, 30, ("presigned POST, aws s3 cp or sync, any S3 client",)),
    Label(573, 92, ("PUT",)),
    Label(683, 164, ("event", "notifications"), anchor="start"),
    Label(573, 161, ("GET",)),
    Label(436, 161, ("read and write records",), anchor="end"),
    Label(573, 232, ("batches",)),
    Label(346, 322, ("renditions",)),
    Label(683, 293, ("after 4 failed", "attempts"), anchor="start"),
    Label(756, 92, ("list",), anchor="start"),
    Label(756, 257, ("messages",), anchor="start"),
    Label(364, 440, ("sizes on request",), anchor="start"),
    Label(81, 210, ("images,", "gallery"), anchor="start"),
)


def draw(palette: Palette) -> str:
    """Return the diagram as SVG text."""
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}" height="{HEIGHT}" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}">'
        ),
        f"<title>{_TITLE}</title>",
        f"<desc>{_DESCRIPTION}</desc>",
        *_style(palette),
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{palette.background}"/>',
        *map(_arrow, ARROWS),
        *(_box(box, palette) for box in BOXES),
        *(_text(one.x, one.y, one.lines, one.anchor, "label") for one in LABELS),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def write(directory: Path) -> None:
    """Write both diagrams into the directory."""
    for palette in PALETTES:
        (directory / f"architecture-{palette.name}.svg").write_text(draw(palette))


def _style(palette: Palette) -> list[str]:
    return [
        "<style>",
        (
            "text{font:12px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;"
            f"fill:{palette.text}}}"
        ),
        ".name{font-weight:600;font-size:13px}",
        f".label{{fill:{palette.muted}}}",
        f".arrow{{fill:none;stroke:{palette.line};stroke-width:1.5}}",
        ".dashed{stroke-dasharray:5 4}",
        "</style>",
        (
            '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
            'markerHeight="7" orient="auto-start-reverse">'
            f'<path d="M0 0L8 4L0 8z" fill="{palette.line}"/></marker></defs>'
        ),
    ]


def _box(box: Box, palette: Palette) -> str:
    fill, border = palette.kinds[box.kind]
    rect = (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6" '
        f'fill="{fill}" stroke="{border}"/>'
    )
    middle = box.x + box.width // 2
    # 5 units below the centre line is where the baseline of a single line of text belongs.
    first = box.y + box.height // 2 + 5 - (len(box.lines) - 1) * LINE_HEIGHT // 2
    name, *rest = box.lines
    return "\n".join(
        [
            rect,
            _text(middle, first, (name,), "middle", "name"),
            _text(middle, first + LINE_HEIGHT, rest, "middle", "detail"),
        ]
    )


def _arrow(arrow: Arrow) -> str:
    path = "M" + "L".join(f"{x} {y}" for x, y in arrow.points)
    style = "arrow dashed" if arrow.dashed else "arrow"
    start = ' marker-start="url(#head)"' if arrow.both_ways else ""
    return f'<path class="{style}" d="{path}" marker-end="url(#head)"{start}/>'


def _text(x: int, y: int, lines: Sequence[str], anchor: str, style: str) -> str:
    return "\n".join(
        f'<text class="{style}" x="{x}" y="{y + LINE_HEIGHT * row}" text-anchor="{anchor}">'
        f"{escape(line)}</text>"
        for row, line in enumerate(lines)
        if line
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]))
