"""Makes renditions with one Python tool: one JSON request per line on stdin, answers on stdout."""

import json
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

SIDE = 500
# Makes a rendition of a file by a recipe. Tools without recipes ignore it: their cases have 500.
Render = Callable[[bytes, str], bytes]


def ours() -> Render:
    """Return imagemill, which shows camera raw files by their preview."""
    from imagemill.imaging import Limits, render  # noqa: PLC0415 - one tool is installed, not all
    from imagemill.recipe import Recipe  # noqa: PLC0415

    limits = Limits(camera_raw=True)
    return lambda data, recipe: render(data, Recipe.parse(recipe), limits).renditions[0].data


def pillow() -> Render:
    """Return the code of tutorials: open, thumbnail, save in the same format."""
    from PIL import Image  # noqa: PLC0415

    def run(data: bytes, _: str) -> bytes:
        image = Image.open(BytesIO(data))
        image.thumbnail((SIDE, SIDE))
        file = BytesIO()
        image.save(file, image.format)
        return file.getvalue()

    return run


def pyvips() -> Render:
    """Return libvips' thumbnailer, to sRGB, in the same format if libvips writes it."""
    import pyvips as vips  # noqa: PLC0415

    def run(data: bytes, _: str) -> bytes:
        animated = data[:3] == b"GIF" or data[8:12] == b"WEBP"
        image = vips.Image.thumbnail_buffer(
            data,
            SIDE,
            height=SIDE,
            size="down",
            export_profile="srgb",
            **({"option_string": "n=-1"} if animated else {}),
        )
        return bytes(image.write_to_buffer(_suffix(data, has_alpha=image.hasalpha())))

    return run


def _suffix(data: bytes, *, has_alpha: bool) -> str:
    if data[:4] == b"\x89PNG":
        return ".png"
    if data[8:12] == b"WEBP":
        return ".webp"
    if data[:3] == b"GIF":
        return ".gif"
    return ".png" if has_alpha else ".jpg"


def _answer(run: Render, request: dict[str, str]) -> dict[str, str]:
    try:
        Path(request["out"]).write_bytes(run(Path(request["in"]).read_bytes(), request["recipe"]))
    except Exception as error:  # noqa: BLE001 - the error is the answer
        return {"error": str(error)[:200] or "error", "kind": _kind(error)}
    return {}


def _kind(error: Exception) -> str:
    """Return `refused` for errors about the image that callers can expect, else `raised`."""
    expected = {"ImageRejected", "Error", "UnidentifiedImageError", "DecompressionBombError"}
    names = {cls.__name__ for cls in type(error).__mro__}
    return "refused" if names & expected or type(error) is OSError else "raised"


if __name__ == "__main__":
    tool = {"imagemill": ours, "pillow": pillow, "pyvips": pyvips}[sys.argv[1]]()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(tool, json.loads(line))) + "\n")
        sys.stdout.flush()
