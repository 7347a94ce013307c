"""Tell drawings from photos in BMP and icons, whose formats hold both: the pixels decide."""

from dataclasses import replace

from PIL import Image, ImageChops

from imagemill.imaging.fit_bytes import fit_bytes
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import DEFAULT_QUALITIES, DRAWN_JPEG_QUALITY, Plan
from imagemill.imaging.still import Still

# Share of pixels equal to their neighbour from which on an image is a drawing; photos have far
# fewer.
_FLAT_SHARE = (1, 2)
# A lossless PNG may have this many times the bytes of a JPEG.
_PNG_MAY_BE = (3, 2)


def suited(plan: Plan, still: Still, tags: OutputTags, *, sandboxed: bool = False) -> Plan:
    """Return the plan, changed if the default would make a drawing a JPEG.

    It becomes a PNG if that has at most 1.5 times the bytes of the JPEG and, if the rendition must
    not grow, no more than the larger of JPEG and original. Otherwise it stays a JPEG, with its
    colour in full resolution. `sandboxed` allows to encode PNG in the sandbox.
    """
    is_open = plan.may_be_png and plan.format == "jpeg"
    if not is_open or not isinstance(still, Image.Image) or not (plan.is_drawn or is_flat(still)):
        return plan
    is_usual = plan.quality == DEFAULT_QUALITIES["jpeg"]
    quality = DRAWN_JPEG_QUALITY if is_usual else plan.quality
    drawn = replace(plan, is_drawn=True, quality=quality)
    png = replace(drawn, format="png")
    of_jpeg, of_png = (
        len(fit_bytes(still, way, tags, None, sandboxed=sandboxed)) for way in (drawn, png)
    )
    times, of = _PNG_MAY_BE
    most = max(of_jpeg, plan.most_bytes) if plan.must_not_grow else of_png
    return png if of_png <= min(most, of_jpeg * times // of) else drawn


def is_flat(pixels: Image.Image) -> bool:
    """Return True if most pixels equal the previous one in their row or column."""
    return any(_is_flat_along(pixels, across, down) for across, down in ((1, 0), (0, 1)))


def _is_flat_along(pixels: Image.Image, across: int, down: int) -> bool:
    size = (pixels.width - across, pixels.height - down)
    if min(size) <= 0:
        return True
    before = pixels.crop((0, 0, *size))
    after = pixels.crop((across, down, pixels.width, pixels.height))
    steps = ImageChops.difference(before, after).split()
    greatest = steps[0]
    for step in steps[1:]:
        greatest = ImageChops.lighter(greatest, step)
    share, of = _FLAT_SHARE
    return greatest.histogram()[0] * of >= share * size[0] * size[1]
