# ruff: noqa: INP001 - a script, not a package
"""Fuzz the sandboxed PNG decoder against Pillow.

Findings: an exception other than ImageRejected, a trap inside the sandbox, and an image whose
pixels or warnings depend on the sandbox. The options are those of fuzz/render.py.
"""

from io import BytesIO
from pathlib import Path

import atheris
from campaign import fuzz

with atheris.instrument_imports(include=["imagemill"]):
    from PIL import Image

    from imagemill.errors import ImageRejected
    from imagemill.imaging import Limits, Rendered, render
    from imagemill.imaging.formats.png import SIGNATURE, make_chunk
    from imagemill.recipe import Recipe

# Nothing is resized in the first rendition, whose pixels must be the same: resizers round
# differently.
_RECIPE = Recipe.parse("4000:png, 12:png, 5x5:cover:jpeg")
_LIMITS = Limits(max_pixels=250_000)
_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
_LEVELS = (0, 1, 9)
# Length and type before a chunk's body, bytes.
_HEAD = 8


class Finding(Exception):
    """Sandbox and library disagree, or the sandbox trapped."""


def compare(data: bytes) -> None:
    """Render with and without the sandbox, as it is and with valid checksums."""
    for file in (data, _with_checksums(data)):
        ours = _outcome(file, sandboxed=True)
        if ours and ours.sandbox == "trapped":
            raise Finding("trapped")
        if ours and ours.sandbox == "drawn":
            theirs = _outcome(file, sandboxed=False)
            if theirs is None or theirs.warnings != ours.warnings:
                raise Finding(f"drawn, but {theirs and theirs.warnings}")
            if _pixels(theirs) != _pixels(ours):
                raise Finding("other pixels")


def draw_examples(folder: Path) -> None:
    """Write a small image for each mode and compression level."""
    grey = Image.radial_gradient("L").resize((48, 32))
    colour = Image.merge("RGBA", (grey, grey.rotate(90), grey.rotate(180), grey))
    for mode in _MODES:
        for level in _LEVELS:
            file = BytesIO()
            (grey if mode == "I;16" else colour).convert(mode).save(
                file, "PNG", compress_level=level
            )
            (folder / f"{mode.replace(';', '')}-{level}").write_bytes(file.getvalue())


def _with_checksums(data: bytes) -> bytes:
    """Return the chunks with valid checksums, so that damage inside them reaches the decoder."""
    parts, at = [SIGNATURE], len(SIGNATURE)
    while at + _HEAD <= len(data):
        end = at + _HEAD + int.from_bytes(data[at : at + 4], "big")
        parts.append(make_chunk(data[at + 4 : at + _HEAD], data[at + _HEAD : end]))
        at = end + 4
    return b"".join(parts)


def _pixels(rendered: Rendered) -> tuple[str, tuple[int, int], bytes]:
    """Return mode, size and pixels of the first rendition; the bytes of the file may differ."""
    with Image.open(BytesIO(rendered.renditions[0].data)) as image:
        whole = image.convert("RGBA" if image.has_transparency_data else "RGB")
        return whole.mode, whole.size, whole.tobytes()


def _outcome(data: bytes, *, sandboxed: bool) -> Rendered | None:
    try:
        return render(data, _RECIPE, _LIMITS, sandboxed=sandboxed)
    except ImageRejected:
        return None


if __name__ == "__main__":
    fuzz(compare, draw_examples)
