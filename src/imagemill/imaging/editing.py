"""Apply edits to a small image: background, padding, tone, blur and sharpening, in this order.

The samples of a JPEG stay samples where that is exact, so that an edited JPEG is no more converted
than another.
"""

from collections.abc import Callable

from PIL import Image, ImageChops, ImageFilter

from imagemill.imaging.edits import Edits
from imagemill.imaging.fastjpeg import Samples
from imagemill.imaging.still import Still, planes_of, to_pixels

# Luma from which a pixel of a bitonal image is white.
_WHITE_FROM = 128
_BITONAL = bytes(255 * (level >= _WHITE_FROM) for level in range(256))
# Modes of pixels with alpha, and the same premultiplied.
_PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}
_GREY = {"RGB": "L", "RGBA": "LA"}


def edit(still: Still, edits: Edits) -> Still:
    """Return the image with all edits applied; mirroring and rotation have been already."""
    for step in _STEPS:
        still = step(still, edits)
    return still


def _flatten(still: Still, edits: Edits) -> Still:
    """Put the background behind transparent pixels."""
    if not edits.background or isinstance(still, Samples) or still.mode not in _PREMULTIPLIED:
        return still
    paper = Image.new("RGBA", still.size, f"#{edits.background}")
    return Image.alpha_composite(paper, still.convert("RGBA")).convert("RGB")


def _pad(still: Still, edits: Edits) -> Still:
    """Put the image on its canvas: of the background, else transparent or white."""
    if edits.canvas is None or edits.place is None:
        return still
    pixels, colour = to_pixels(still), f"#{edits.background or 'ffffff'}"
    if pixels.mode in _PREMULTIPLIED:
        colour = "#00000000"
    elif edits.background:
        pixels = pixels.convert("RGB")
    canvas = Image.new(pixels.mode, (edits.canvas.width, edits.canvas.height), colour)
    canvas.paste(pixels, (edits.place.left, edits.place.top))
    return canvas


def _tone(still: Still, edits: Edits) -> Still:
    """Remove the colour; of a bitonal image every pixel is black or white."""
    if edits.tone == "colour":
        return still
    table = _BITONAL if edits.tone == "bitonal" else None
    if isinstance(still, Samples):
        luma = still.data[: still.width * still.height]
        return Samples(still.width, still.height, "grey", luma.translate(table))
    grey = still.convert(_GREY.get(still.mode, still.mode))
    if table is None:
        return grey
    # The alpha channel stays.
    bands = [band.point(table) if name == "L" else band for name, band in _bands(grey)]
    return Image.merge(grey.mode, bands)


def _bands(pixels: Image.Image) -> list[tuple[str, Image.Image]]:
    return list(zip(pixels.getbands(), pixels.split(), strict=True))


def _blur(still: Still, edits: Edits) -> Still:
    """Blur: chroma samples that stand for two pixels on each side by half the deviation."""
    if not edits.blur:
        return still
    if isinstance(still, Samples):
        return _each_plane(still, lambda plane, per_px: _blurred(plane, edits.blur * per_px))
    mode = still.mode
    whole = still.convert(_PREMULTIPLIED.get(mode, mode))
    return _blurred(whole, edits.blur).convert(mode)


def _sharpen(still: Still, edits: Edits) -> Still:
    """Add the difference between the luma and the blurred luma to every channel but alpha."""
    if not edits.sharpen:
        return still
    if isinstance(still, Samples):
        luma = next(planes_of(still))
        rest = still.data[still.width * still.height :]
        data = _sharpened([luma], luma, _blurred(luma, edits.sharpen))[0].tobytes() + rest
        return Samples(still.width, still.height, still.sampling, data)
    grey = still.convert(_GREY.get(still.mode, still.mode))
    luma = grey.getchannel("L")
    # Transparent pixels have no share in the mean of their neighbours.
    whole = grey.convert(_PREMULTIPLIED.get(grey.mode, grey.mode))
    around = _blurred(whole, edits.sharpen).convert(grey.mode).getchannel("L")
    colours = [band for name, band in _bands(still) if name != "A"]
    alpha = [still.getchannel("A")] if "A" in still.getbands() else []
    return Image.merge(still.mode, [*_sharpened(colours, luma, around), *alpha])


def _sharpened(
    bands: list[Image.Image], luma: Image.Image, around: Image.Image
) -> list[Image.Image]:
    """Return the bands with the difference of `luma` to its surroundings added."""
    above, below = ImageChops.subtract(luma, around), ImageChops.subtract(around, luma)
    return [ImageChops.subtract(ImageChops.add(band, above), below) for band in bands]


def _blurred(pixels: Image.Image, sigma: float) -> Image.Image:
    """Return pixels blurred by three boxes, whose time does not depend on the deviation."""
    return pixels.filter(ImageFilter.GaussianBlur(sigma))


def _each_plane(samples: Samples, change: Callable[[Image.Image, float], Image.Image]) -> Samples:
    """Return samples with each plane changed; `change` gets the samples per px as well."""
    changed = [change(plane, plane.width / samples.width) for plane in planes_of(samples)]
    data = b"".join(plane.tobytes() for plane in changed)
    return Samples(samples.width, samples.height, samples.sampling, data)


# The order in which edits are applied. A step with nothing to do returns at once.
_STEPS: tuple[Callable[[Still, Edits], Still], ...] = (_flatten, _pad, _tone, _blur, _sharpen)
