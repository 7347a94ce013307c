"""A preset in the words of imgix."""

from urllib.parse import urlencode

from imagemill.preset import MAX_SIDE, PERCENT, Crop, Fit, Preset, number
from imagemill.requests.faults import UnsupportedOption
from imagemill.requests.imgix import AMOUNT_PER_PX, FORMATS, GRAYSCALE, MAX_SHARPEN
from imagemill.requests.orientation import Orientation

_FITS: dict[Fit, str] = {"inside": "max", "cover": "crop", "exact": "scale", "pad": "fill"}
_FORMATS = {ours: theirs for theirs, ours in FORMATS.items()}
# The parameters that turn an upright image: `orient` precedes the box, the others follow it.
_TURNS: dict[Orientation, dict[str, str]] = {
    Orientation(): {},
    Orientation(mirror=True): {"flip": "h"},
    Orientation(mirror=True, rotation=180): {"flip": "v"},
    Orientation(rotation=180): {"flip": "hv"},
    Orientation(rotation=90): {"orient": "90"},
    Orientation(rotation=270): {"orient": "270"},
    Orientation(mirror=True, rotation=90): {"orient": "270", "flip": "h"},
    Orientation(mirror=True, rotation=270): {"orient": "90", "flip": "h"},
}


def query(preset: Preset, version: str | None) -> str:
    """Return the query; raises UnsupportedOption if imgix has no word for an option."""
    turn = _TURNS[Orientation(preset.mirror, preset.rotation)]
    parameters = {
        **_rect(preset.crop, turn),
        **_box(preset, turn),
        **_focus(preset, turn),
        **turn,
        **_pixels(preset),
        **({} if preset.format == "keep" else {"fm": _FORMATS[preset.format]}),
        **({} if preset.quality is None else {"q": str(preset.quality)}),
        **({} if version is None else {"v": version}),
    }
    return urlencode(parameters, safe=",")


def _rect(crop: Crop | None, turn: dict[str, str]) -> dict[str, str]:
    if crop is None:
        return {}
    if crop.left is None or crop.top is None or "orient" in turn:
        raise UnsupportedOption("imgix has no such crop", "crop")
    numbers = (crop.left, crop.top, crop.width, crop.height)
    if crop.unit == "percent" and max(numbers) <= PERCENT:
        return {"rect": ",".join(f"{value / PERCENT:.6f}" for value in numbers)}
    if crop.unit != "px" or any(value % 1 for value in numbers):
        raise UnsupportedOption("imgix has no fractions of px", "crop")
    return {"rect": ",".join(map(number, numbers))}


def _box(preset: Preset, turn: dict[str, str]) -> dict[str, str]:
    if preset.scale is not None:
        raise UnsupportedOption("imgix has no scale", "scale")
    sides = (preset.height, preset.width) if "orient" in turn else (preset.width, preset.height)
    named = zip(("w", "h"), sides, strict=True)
    box = {name: str(side) for name, side in named if side != MAX_SIDE}
    return box if preset.fit == "inside" else box | {"fit": _FITS[preset.fit]}


def _focus(preset: Preset, turn: dict[str, str]) -> dict[str, str]:
    if preset.focus is None:
        return {}
    if preset.fit != "cover":
        raise UnsupportedOption("imgix has a focus only for crop", "focus")
    x, y = Orientation().rotated(int(turn.get("orient", 0))).after(preset.focus)
    return {"crop": "focalpoint", "fp-x": number(x), "fp-y": number(y)}


def _pixels(preset: Preset) -> dict[str, str]:
    if preset.tone == "bitonal":
        raise UnsupportedOption("imgix has no bitonal images", "bitonal")
    if preset.max_bytes is not None:
        raise UnsupportedOption("imgix has no such limit", "max")
    if preset.target is not None:
        raise UnsupportedOption("imgix has no score to reach", "quality=auto")
    if preset.sharpen * AMOUNT_PER_PX > MAX_SHARPEN:
        raise UnsupportedOption("imgix has no such sharpening", "sharpen")
    amounts = {"blur": preset.blur * AMOUNT_PER_PX, "sharp": preset.sharpen * AMOUNT_PER_PX}
    return {
        **({"sat": GRAYSCALE} if preset.tone == "gray" else {}),
        **{name: number(amount) for name, amount in amounts.items() if amount},
        **({"bg": preset.background} if preset.background else {}),
    }
