"""A test file with its expected result, and the verdict on the result of a tool."""

import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageCms, ImageSequence, ImageStat

from benchmarks.correctness_asked import Asked
from benchmarks.correctness_judges import Judges

# Mean difference from the reference that is allowed, in levels of 255, over white and over black.
TOLERANCE = 6.0
# Difference from the expected gain that is allowed, root mean square, in stops.
GAIN_TOLERANCE = 0.05
# Difference from a score that is asked for, of SSIMULACRA 2.
SCORE_TOLERANCE = 1.5
_GPS, _ORIENTATION = 0x8825, 0x0112
_JPEG = b"\xff\xd8"
# The place that files of `fakes.gain_maps` tell in their second image.
_LOCATION = b"52.5200N013.4050E"


_USUAL = Asked()


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
    # ICC profile of the colours of `reference`; sRGB without one.
    colours: bytes = b""
    tolerance: float = TOLERANCE
    max_bytes: int | None = None
    asked: Asked = _USUAL
    # imagemill's words, for cases that no other tool is asked.
    recipe: str = ""
    # The last frame of an animation, and how long all of them are shown.
    last: Image.Image | None = None
    duration_ms: int = 0
    # Gain in stops at each pixel, mode F.
    gain: Image.Image | None = None

    @property
    def words(self) -> str:
        """The request to imagemill, as a recipe."""
        return self.recipe or self.asked.recipe


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a tool: a file, or an error."""

    data: bytes | None
    error: str = ""
    # The tool died, timed out, or raised an error that its documentation does not name.
    is_crash: bool = False
    # The tool has no option for the rendition.
    is_beyond: bool = False


def fault_of(case: Case, outcome: Outcome, judges: Judges | None = None) -> str:
    """Return the fault of an outcome in a few words; an empty text if it is right.

    Without judges a JPEG XL is unreadable, and gain and score are not checked.
    """
    if outcome.is_crash:
        return outcome.error or "died"
    if outcome.is_beyond:
        return "no option"
    if outcome.data is None:
        return "" if case.is_refused or case.may_be_refused else "refused"
    if case.is_refused:
        return "accepted"
    try:
        image = Image.open(BytesIO(judges.shown(outcome.data) if judges else outcome.data))
        image.load()
    except Exception:  # noqa: BLE001 - any error means that the file is unreadable
        return "unreadable"
    return next(_faults(case, image, outcome.data, judges), "")


def read_reference(path: Path) -> Image.Image:
    """Return the pixels of a reference rendition, in sRGB."""
    with Image.open(path) as image:
        return image.convert("RGBA")


def _faults(case: Case, image: Image.Image, data: bytes, judges: Judges | None) -> Iterator[str]:
    """Yield the faults of an image, those that explain others first."""
    exif, size = image.getexif(), len(data)
    checks = (
        (case.asked.to in ("keep", format_of(data)), f"made {format_of(data)}"),
        (case.size in (None, image.size), f"{image.width} × {image.height} px"),
        (getattr(image, "n_frames", 1) >= case.frames, "not animated"),
        (_GPS not in exif and _LOCATION not in data, "location kept"),
        (exif.get(_ORIENTATION, 1) == 1, "turned by tag only"),
        (case.max_bytes is None or size <= case.max_bytes, f"{size} bytes of {case.max_bytes}"),
    )
    yield from (fault for is_right, fault in checks if not is_right)
    is_flat = data.startswith(_JPEG)
    if case.reference is not None:
        shown = as_shown(image, case.colours)
        yield from _off(case, _difference(shown, case.reference, is_flat=is_flat))
    if case.last is not None:
        *_, last = ImageSequence.Iterator(image)
        difference = _difference(as_shown(last), case.last, is_flat=is_flat)
        yield from (f"last frame {fault}" for fault in _off(case, difference))
    if case.duration_ms:
        shown_ms = sum(each.info.get("duration", 0) for each in _loaded(image))
        if abs(shown_ms - case.duration_ms) > case.duration_ms / 20:
            yield f"{shown_ms:.0f} ms of {case.duration_ms}"
    if judges:
        yield from _judged(case, data, judges)


def _off(case: Case, difference: float) -> Iterator[str]:
    if difference > case.tolerance:
        yield f"off by {difference:.0f}"


def _judged(case: Case, data: bytes, judges: Judges) -> Iterator[str]:
    """Yield the faults of gain map and score."""
    if case.gain is not None:
        gain = judges.gain(data, case.gain.size)
        if gain is None:
            yield "no gain map"
        elif (error := _rms(gain, case.gain)) > GAIN_TOLERANCE:
            yield f"gain off by {error:.2f} stops"
    if case.asked.score and case.reference is not None:
        score = judges.score(data, case.reference)
        if abs(score - case.asked.score) > SCORE_TOLERANCE:
            yield f"score {score:.1f}"


def format_of(data: bytes) -> str:
    """Return the format by the first bytes; empty for any other than the six of the web."""
    starts = {_JPEG: "jpeg", b"\x89PNG": "png", b"GIF8": "gif", b"\xff\x0a": "jxl"}
    for start, name in starts.items():
        if data.startswith(start):
            return name
    brands = {b"WEBP": "webp", b"avif": "avif", b"avis": "avif", b"\x87\n": "jxl"}
    return next((to for mark, to in brands.items() if mark in data[8:12]), "")


def _loaded(image: Image.Image) -> Iterator[Image.Image]:
    """Yield the frames; some decoders know the duration only then."""
    for frame in ImageSequence.Iterator(image):
        frame.load()
        yield frame


def as_shown(image: Image.Image, colours: bytes = b"") -> Image.Image:
    """Return the pixels as a viewer shows them: converted by the embedded profile.

    The target is sRGB, or the profile `colours`.
    """
    profile = image.info.get("icc_profile")
    mode = {"L": "L", "CMYK": "CMYK"}.get(image.mode, "RGB")
    if not profile and not colours:
        return image.convert("RGBA")
    try:
        source = _profile(profile)
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        transform = ImageCms.buildTransform(
            source, _profile(colours), mode, "RGB", renderingIntent=intent
        )
        shown = transform.apply(image.convert(mode)).convert("RGBA")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert("RGBA")
    if image.has_transparency_data:
        shown.putalpha(image.convert("RGBA").getchannel("A"))
    return shown


def _profile(data: bytes | None) -> ImageCms.ImageCmsProfile:
    if not data:
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return ImageCms.ImageCmsProfile(BytesIO(data))


def _rms(one: Image.Image, other: Image.Image) -> float:
    """Return the root mean square of the difference of two images of mode F."""
    pairs = list(zip(*(array("f", each.tobytes()) for each in (one, other)), strict=True))
    return math.sqrt(sum((a - b) ** 2 for a, b in pairs) / len(pairs))


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
