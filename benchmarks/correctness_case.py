"""One image and what must become of it; the verdict on what a tool has made of it."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageCms, ImageStat

TOLERANCE = 6.0
"""Levels of 255 that an image may be off on average, over white and over black."""
_GPS, _ORIENTATION = 0x8825, 0x0112


@dataclass(frozen=True, slots=True)
class Case:
    """A file, and the image, at most 500 px a side, that should come out of it."""

    feature: str
    name: str
    data: bytes
    size: tuple[int, int] | None = None
    """As it should come out; None when any will do."""
    reference: Image.Image | None = None
    is_refused: bool = False
    """Whether it must end in an error that names a cause, not in an image."""
    may_be_refused: bool = False
    """Whether an error will do as well as an image: bombs."""
    frames: int = 1
    tolerance: float = TOLERANCE
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tool gave: a file, or what it said instead."""

    data: bytes | None
    error: str = ""
    is_crash: bool = False
    """It died, ran out of time, or raised what no caller is told to expect."""


def fault_of(case: Case, outcome: Outcome) -> str:
    """Return what is wrong with an outcome in a few words; nothing when all is right."""
    if outcome.is_crash:
        return outcome.error or "died"
    if outcome.data is None:
        return "" if case.is_refused or case.may_be_refused else "refused"
    if case.is_refused:
        return "accepted"
    try:
        image = Image.open(BytesIO(outcome.data))
        image.load()
    except Exception:  # noqa: BLE001 - a file that nobody can open is the fault itself
        return "unreadable"
    return _fault_of_image(case, image, len(outcome.data))


def read_reference(path: Path) -> Image.Image:
    """Return the pixels of a reference rendition, sRGB."""
    with Image.open(path) as image:
        return image.convert("RGBA")


def _fault_of_image(case: Case, image: Image.Image, size: int) -> str:
    exif = image.getexif()
    checks = (
        (case.size in (None, image.size), f"{image.width} × {image.height} px"),
        (getattr(image, "n_frames", 1) >= case.frames, "stands still"),
        (_GPS not in exif, "location kept"),
        (exif.get(_ORIENTATION, 1) == 1, "turned by tag only"),
        (case.max_bytes is None or size <= case.max_bytes, f"{size} bytes of {case.max_bytes}"),
    )
    for is_right, fault in checks:
        if not is_right:
            return fault
    if case.reference is None:
        return ""
    off = _difference(as_shown(image), case.reference, is_flat=image.format == "JPEG")
    return "" if off <= case.tolerance else f"off by {off:.0f}"


def as_shown(image: Image.Image) -> Image.Image:
    """Return the pixels as a viewer shows them: by the profile in the file."""
    profile = image.info.get("icc_profile")
    mode = {"L": "L", "CMYK": "CMYK"}.get(image.mode, "RGB")
    if not profile:
        return image.convert("RGBA")
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        transform = ImageCms.buildTransform(source, srgb, mode, "RGB", renderingIntent=intent)
        shown = transform.apply(image.convert(mode)).convert("RGBA")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert("RGBA")
    if image.has_transparency_data:
        shown.putalpha(image.convert("RGBA").getchannel("A"))
    return shown


def _difference(image: Image.Image, reference: Image.Image, *, is_flat: bool) -> float:
    """Return the mean difference over white and, unless transparency is lost by format, black."""
    if image.size != reference.size:
        return 255.0
    papers = ["white"] if is_flat else ["white", "black"]
    return max(_difference_on(paper, image, reference) for paper in papers)


def _difference_on(paper: str, image: Image.Image, reference: Image.Image) -> float:
    ground = Image.new("RGBA", image.size, paper)
    a, b = (
        Image.alpha_composite(ground, each.convert("RGBA")).convert("RGB")
        for each in (image, reference)
    )
    return sum(ImageStat.Stat(ImageChops.difference(a, b)).mean) / 3
