"""Makes renditions with one Python tool: one JSON request per line on stdin, answers on stdout.

A request has the fields of `correctness_asked.Asked`, the recipe, and the paths `in` and `out`.
"""

import json
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

# Makes a rendition of a file as a request asks.
Render = Callable[[bytes, dict[str, Any]], bytes]


class BeyondOptions(Exception):
    """The tool has no option for the rendition."""


def ours() -> Render:
    """Return imagemill, which shows camera raw files by their preview."""
    from imagemill.imaging import Limits, render  # noqa: PLC0415 - one tool is installed, not all
    from imagemill.recipe import Recipe  # noqa: PLC0415

    limits = Limits(camera_raw=True)

    def run(data: bytes, asked: dict[str, Any]) -> bytes:
        return render(data, Recipe.parse(asked["recipe"]), limits).renditions[0].data

    return run


def pillow() -> Render:
    """Return the code of tutorials: open, thumbnail or fit, save."""
    from PIL import Image, ImageOps  # noqa: PLC0415

    def run(data: bytes, asked: dict[str, Any]) -> bytes:
        _refuse(asked, "max_bytes", "score", "keeps_gain_map")
        image: Image.Image = Image.open(BytesIO(data))
        kept, size = str(image.format), (asked["width"], asked["height"])
        to = kept if asked["to"] == "keep" else asked["to"].upper()
        if to == "JXL":
            raise BeyondOptions
        match asked["fit"]:
            case "cover":
                image = ImageOps.fit(image, size, centering=_centering(asked))
            case "pad":
                colour = f"#{asked['background']}"
                image = ImageOps.pad(image, size, color=colour, centering=_centering(asked))
            case _:
                image.thumbnail(size)
        if to == "JPEG" and image.mode != "RGB" and asked["to"] == "jpeg":
            image = image.convert("RGB")
        file = BytesIO()
        image.save(file, to)
        return file.getvalue()

    return run


def pyvips() -> Render:
    """Return libvips' thumbnailer, to sRGB, in the same format if libvips writes it."""
    import pyvips as vips  # noqa: PLC0415

    def run(data: bytes, asked: dict[str, Any]) -> bytes:
        _refuse(asked, "max_bytes", "score", "focus")
        animated = data[:3] == b"GIF" or data[8:12] == b"WEBP"
        animated = animated and asked["to"] in ("keep", "gif", "webp")
        options: dict[str, object] = {"option_string": "n=-1"} if animated else {}
        if asked["fit"] == "cover":
            upright = vips.Image.new_from_buffer(data, "").autorot()
            options["crop"] = _vips_crop(asked["place"], is_wide=upright.width > upright.height)
        image = vips.Image.thumbnail_buffer(
            data,
            asked["width"],
            height=asked["height"],
            size="down",
            export_profile="p3" if asked["keeps_gamut"] else "srgb",
            **options,
        )
        if asked["fit"] == "pad":
            image = _vips_pad(image, asked)
        suffix = _suffix(data, asked["to"], has_alpha=image.hasalpha())
        if suffix == ".jpg" and image.hasalpha():
            image = image.flatten(background=255)
        return bytes(image.write_to_buffer(suffix))

    return run


def _vips_crop(place: str, *, is_wide: bool) -> str:
    """Return libvips' word for a place; it crops one direction only."""
    low, high = ("west", "east") if is_wide else ("north", "south")
    return "low" if low in place else "high" if high in place else "centre"


def _vips_pad(image: Any, asked: dict[str, Any]) -> Any:  # noqa: ANN401 - pyvips has no types
    colour = _rgb(asked["background"])
    if image.hasalpha():
        image = image.flatten(background=colour)
    place = asked["place"] or "centre"
    size = (asked["width"], asked["height"])
    return image.gravity(place, *size, extend="background", background=colour)


def thumbor() -> Render:
    """Return thumbor's server, in a thread of this process, which is asked by HTTP."""
    from benchmarks.correctness_thumbor import start  # noqa: PLC0415 - installed elsewhere

    return start(_refuse)


def _refuse(asked: dict[str, Any], *names: str) -> None:
    """Raise BeyondOptions if the request has one of the options, which the tool does not have."""
    if any(asked[name] for name in names):
        raise BeyondOptions


def _centering(asked: dict[str, Any]) -> tuple[float, float]:
    """Return the place or focus from 0 to 1, as tutorials pass it to ImageOps."""
    if asked["focus"]:
        return tuple(asked["focus"])
    place = asked["place"]
    across = 0.0 if "west" in place else 1.0 if "east" in place else 0.5
    return across, 0.0 if "north" in place else 1.0 if "south" in place else 0.5


def _rgb(text: str) -> list[int]:
    return list(bytes.fromhex(text))


def _suffix(data: bytes, to: str, *, has_alpha: bool) -> str:
    if to != "keep":
        return {"jpeg": ".jpg"}.get(to, f".{to}")
    if data[:4] == b"\x89PNG":
        return ".png"
    if data[8:12] == b"WEBP":
        return ".webp"
    if data[:3] == b"GIF":
        return ".gif"
    return ".png" if has_alpha else ".jpg"


def _answer(run: Render, request: dict[str, Any]) -> dict[str, str]:
    try:
        Path(request["out"]).write_bytes(run(Path(request["in"]).read_bytes(), request))
    except BeyondOptions:
        return {"error": "no option", "kind": "beyond"}
    except Exception as error:  # noqa: BLE001 - the error is the answer
        return {"error": str(error)[:200] or "error", "kind": _kind(error)}
    return {}


def _kind(error: Exception) -> str:
    """Return `refused` for errors about the image that callers can expect, else `raised`."""
    expected = {"ImageRejected", "Error", "UnidentifiedImageError", "DecompressionBombError"}
    names = {cls.__name__ for cls in type(error).__mro__}
    return "refused" if names & expected or type(error) is OSError else "raised"


if __name__ == "__main__":
    tool = {"imagemill": ours, "pillow": pillow, "pyvips": pyvips, "thumbor": thumbor}[
        sys.argv[1]
    ]()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(tool, json.loads(line))) + "\n")
        sys.stdout.flush()
