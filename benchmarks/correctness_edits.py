"""Cases for the edits of presets: each with every orientation, with transparency, and animated."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO

from PIL import Image, ImageFilter, ImageOps

from benchmarks.correctness_case import Case
from benchmarks.correctness_drawn import TURNS, quarters

_SIZE = (360, 240)
_ORIENTATION = 0x0112
_BLUE = (0x33, 0x66, 0x99, 255)
# Frames of an animation, turned by so many degrees.
_ANGLES = (0, 180, 90)

# The image that an edit should give, of an upright one.
Change = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True, slots=True)
class EditedCase:
    """A case, and its row and column in the table."""

    edit: str
    source: str
    case: Case


def edited() -> Iterator[EditedCase]:
    """Yield all cases, edit by edit."""
    upright = quarters(_SIZE)
    clear = quarters(_SIZE)
    clear.putalpha(Image.linear_gradient("L").resize(_SIZE))
    for recipe, change in _EDITS.items():
        for orientation in range(1, 9):
            case = _case(recipe, change(upright.convert("RGBA")), _turned(upright, orientation))
            yield EditedCase(recipe, f"JPEG {orientation}", case)
        for to in ("PNG", "WEBP"):
            case = _case(recipe, change(clear), _save(clear, to, lossless=True))
            yield EditedCase(recipe, f"{to}, alpha", case)
        case = _case(recipe, change(upright.convert("RGBA")), _animated(upright))
        yield EditedCase(recipe, "GIF, animated", replace(case, frames=len(_ANGLES), tolerance=12))


def _case(recipe: str, reference: Image.Image, data: bytes) -> Case:
    return Case("edit", recipe, data, reference.size, reference, recipe=f"x={recipe}")


def _turned(upright: Image.Image, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    turn = TURNS.get(orientation)
    stored = upright if turn is None else upright.transpose(turn)
    return _save(stored, "JPEG", quality=92, exif=exif)


def _animated(upright: Image.Image) -> bytes:
    frames = [upright.rotate(angle) for angle in _ANGLES]
    return _save(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=80)


def _save(image: Image.Image, to: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, to, **options)
    return file.getvalue()


def _fit(width: int, height: int) -> Change:
    return lambda image: image.resize((width, height), Image.Resampling.LANCZOS)


def _part(box: tuple[int, int, int, int], width: int, height: int) -> Change:
    return lambda image: _fit(width, height)(image.crop(box))


def _padded(image: Image.Image) -> Image.Image:
    canvas = Image.new("RGBA", (200, 200), _BLUE)
    small = _fit(200, 133)(image)
    canvas.paste(Image.alpha_composite(canvas.crop((0, 0, 200, 133)), small), (0, 0))
    return canvas


def _behind(image: Image.Image) -> Image.Image:
    small = _fit(180, 120)(image)
    return Image.alpha_composite(Image.new("RGBA", small.size, _BLUE), small)


def _toned(image: Image.Image, table: list[int] | None = None) -> Image.Image:
    small = _fit(180, 120)(image)
    grey = small.convert("L") if table is None else small.convert("L").point(table)
    return Image.merge("RGBA", (grey, grey, grey, small.getchannel("A")))


def _blurred(image: Image.Image) -> Image.Image:
    small = _fit(180, 120)(image).convert("RGBa")
    return small.filter(ImageFilter.GaussianBlur(4)).convert("RGBA")


def _sharpened(image: Image.Image) -> Image.Image:
    small = _fit(180, 120)(image)
    sharp = small.convert("RGB").filter(ImageFilter.UnsharpMask(2, 100, 0))
    sharp.putalpha(small.getchannel("A"))
    return sharp


def _mirrored_and_turned(image: Image.Image) -> Image.Image:
    return ImageOps.mirror(_fit(180, 120)(image)).transpose(Image.Transpose.ROTATE_90)


_EDITS: dict[str, Change] = {
    "180:crop120x90x30x20": _part((30, 20, 150, 110), 120, 90),
    "100:pcrop50x50:southeast": _part((180, 120, 360, 240), 100, 67),
    "100:square:west": _part((0, 0, 240, 240), 100, 100),
    "100x100:cover:focus0.25x0.5": _part((0, 0, 240, 240), 100, 100),
    "60x120:cover:east": _part((240, 0, 360, 240), 60, 120),
    "180x200:exact": _fit(180, 200),
    "200x200:pad:north:bg336699": _padded,
    "360:scale25": _fit(90, 60),
    "180:mirror": lambda image: ImageOps.mirror(_fit(180, 120)(image)),
    "180:rotate90": lambda image: _fit(180, 120)(image).transpose(Image.Transpose.ROTATE_270),
    "180:rotate180": lambda image: _fit(180, 120)(image).transpose(Image.Transpose.ROTATE_180),
    "180:mirror:rotate270": _mirrored_and_turned,
    "180:bg336699": _behind,
    "180:gray": _toned,
    "180:bitonal": lambda image: _toned(image, [0] * 128 + [255] * 128),
    "180:blur4": _blurred,
    "180:sharpen2": _sharpened,
}
