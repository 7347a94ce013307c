"""A test file with its expected result, and the verdict on the result of a tool."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageCms, ImageStat

# Mean difference from the reference that is allowed, in levels of 255, over white and over black.
TOLERANCE = 6.0
_GPS, _ORIENTATION = 0x8825, 0x0112


@dataclass(frozen=True, slots=True)
class Case:
    """A file and a recipe, and the expected image."""

    feature: str
    name: str
    data: bytes
    # Expected size in px; None accepts any.
    size: tuple[int, int] | None = None
    reference: Image.Image | None = None
    # The only right result is an error that names a cause.
    is_refused: bool = False
    # An error is as right as an image: decompression bombs.
    may_be_refused: bool = False
    frames: int = 1
    tolerance: float = TOLERANCE
    max_bytes: int | None = None
    recipe: str = "500"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a tool: a file, or an error."""

    data: bytes | None
    error: str = ""
    # The tool died, timed out, or raised an error that its documentation does not name.
    is_crash: bool = False


def fault_of(case: Case, outcome: Outcome) -> str:
    """Return the fault of an outcome in a few words; an empty text if it is right."""
    if outcome.is_crash:
        return outcome.error or "died"
    if outcome.data is None:
        return "" if case.is_refused or case.may_be_refused else "refused"
    if case.is_refused:
        return "accepted"
    try:
        image = Image.open(BytesIO(outcome.data))
        image.load()
    except Exception:  # noqa: BLE001 - any error means that the file is unreadable
        return "unreadable"
    return _fault_of_image(case, image, len(outcome.data))


def read_reference(path: Path) -> Image.Image:
    """Return the pixels of a reference rendition, in sRGB."""
    with Image.open(path) as image:
        return image.convert("RGBA")


def _fault_of_image(case: Case, image: Image.Image, size: int) -> str:
    exif = image.getexif()
    checks = (
        (case.size in (None, image.size), f"{image.width} × {image.height} px"),
        (getattr(image, "n_frames", 1) >= case.frames, "not animated"),
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
    """Return the pixels as a viewer shows them: converted to sRGB by the embedded profile."""
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
    """Return the mean difference over white and, if the format has transparency, over black."""
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
