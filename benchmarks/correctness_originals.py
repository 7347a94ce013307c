"""Small originals of every format: with each orientation, alpha, a profile, and animated."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import product

from fakes.raw_files import MAKERS, jpeg_of
from PIL import Image, ImageCms

from benchmarks import correctness_jxl
from benchmarks.correctness_drawn import TURNS, quarters
from imagemill.imaging.icc import from_codes

SIZE, FITTED = (240, 160), (120, 80)
# Camera raw files are shown by a JPEG of at least 1,000 px.
_RAW_SIZE, _THUMBNAIL_SIZE = (1200, 800), (150, 100)
_FRAMES, _FRAME_MS, _ORIENTATION = 4, 80, 0x0112
_ALL, _UPRIGHT = range(1, 9), (1,)
P3 = from_codes(12, 13) or b""

# Writes pixels that are stored as the orientation says, with a profile unless that is empty.
Write = Callable[[Image.Image, int, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Original:
    """A file, and the image that it should look like in FITTED px, in sRGB."""

    kind: str
    data: bytes
    reference: Image.Image
    frames: int = 1
    last: Image.Image | None = None
    duration_ms: int = 0


def originals() -> Iterator[Original]:
    """Yield all files, format by format."""
    for kind, (orientations, alphas, profiles, write) in _STILLS.items():
        for has_alpha, profile, orientation in product(alphas, profiles, orientations):
            upright = _drawn(has_alpha=has_alpha)
            data = write(turned(upright, orientation), orientation, profile)
            yield Original(kind, data, fitted(in_srgb(upright, profile)))
    yield from _raws()
    for kind, animate in _ANIMATED.items():
        for has_alpha in (False, True):
            yield _moving(kind, animate, has_alpha=has_alpha)


def turned(upright: Image.Image, orientation: int) -> Image.Image:
    """Return the pixels as a file with this orientation stores them."""
    return upright.transpose(TURNS[orientation]) if orientation > 1 else upright


def fitted(image: Image.Image, size: tuple[int, int] = FITTED) -> Image.Image:
    """Return the image in the size of its rendition."""
    return image.resize(size, Image.Resampling.LANCZOS).convert("RGBA")


def in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return the image converted from the profile, if there is one; alpha stays."""
    if not profile:
        return image
    source, srgb = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    transform = ImageCms.buildTransform(source, srgb, "RGB", "RGB", renderingIntent=intent)
    shown = transform.apply(image.convert("RGB"))
    if image.mode == "RGBA":
        shown.putalpha(image.getchannel("A"))
    return shown


def saved(image: Image.Image, to: str, **options: object) -> bytes:
    """Return the image as a file of Pillow's."""
    file = BytesIO()
    image.save(file, to, **options)
    return file.getvalue()


def by_pillow(to: str, **options: object) -> Write:
    """Return a writer by Pillow, which stores the orientation in EXIF or as `irot` and `imir`."""

    def write(stored: Image.Image, orientation: int, profile: bytes) -> bytes:
        more: dict[str, object] = {"icc_profile": profile} if profile else {}
        if orientation > 1:
            exif = Image.Exif()
            exif[_ORIENTATION] = orientation
            more["exif"] = exif if to == "TIFF" else exif.tobytes()
        return saved(stored, to, **options, **more)

    return write


def heif(stored: Image.Image, orientation: int, profile: bytes) -> bytes:
    """Write HEIC by pillow-heif."""
    register_heif()
    return by_pillow("HEIF", quality=90)(stored, orientation, profile)


def register_heif() -> None:
    """Let Pillow write HEIC."""
    from pillow_heif import register_heif_opener  # noqa: PLC0415 - an extra

    register_heif_opener()


def jxl(stored: Image.Image, orientation: int, profile: bytes) -> bytes:
    """Write JPEG XL; a profile is that of Display P3, by its codes."""
    colours = correctness_jxl.DISPLAY_P3 if profile else correctness_jxl.SRGB
    return correctness_jxl.still(stored, orientation, colours)


def _drawn(*, has_alpha: bool) -> Image.Image:
    image = quarters(SIZE)
    if has_alpha:
        image.putalpha(Image.linear_gradient("L").resize(SIZE))
    return image


def _raws() -> Iterator[Original]:
    upright, small = quarters(_RAW_SIZE), jpeg_of(quarters(_THUMBNAIL_SIZE))
    shown = fitted(upright)
    for make in MAKERS.values():
        for orientation in _ALL if make not in _WITHOUT_TAGS else _UPRIGHT:
            jpeg = jpeg_of(turned(upright, orientation), quality=92)
            data = make(jpeg, small, {_ORIENTATION: orientation})
            yield Original("camera raw", data, shown)


def _moving(
    kind: str, animate: Callable[[Sequence[Image.Image]], bytes], *, has_alpha: bool
) -> Original:
    first = _drawn(has_alpha=False)
    if has_alpha:
        # Half of it, because GIF has no other transparency.
        first.putalpha(Image.new("L", SIZE, 255))
        first.paste((0, 0, 0, 0), (0, 0, SIZE[0] // 2, SIZE[1]))
    last = first.transpose(Image.Transpose.ROTATE_180)
    data = animate([first, last] * (_FRAMES // 2))
    shown = (fitted(first), fitted(last))
    return Original(f"{kind}, animated", data, shown[0], _FRAMES, shown[1], _FRAMES * _FRAME_MS)


def _frames_by_pillow(to: str, **options: object) -> Callable[[Sequence[Image.Image]], bytes]:
    def animate(frames: Sequence[Image.Image]) -> bytes:
        more = {"save_all": True, "append_images": frames[1:], "duration": _FRAME_MS, "loop": 0}
        return saved(frames[0], to, **options, **more)

    return animate


_WITHOUT_TAGS = (MAKERS["raf"],)
_PLAIN, _BOTH, _PROFILES = (False,), (False, True), (b"", P3)
# By format: orientations, alpha, profiles, and the writer.
_STILLS: dict[str, tuple[Sequence[int], Sequence[bool], Sequence[bytes], Write]] = {
    "JPEG": (_ALL, _PLAIN, _PROFILES, by_pillow("JPEG", quality=92)),
    "PNG": (_ALL, _BOTH, _PROFILES, by_pillow("PNG")),
    "WebP": (_ALL, _BOTH, _PROFILES, by_pillow("WEBP", lossless=True)),
    "AVIF": (_ALL, _BOTH, _PROFILES, by_pillow("AVIF", quality=90, speed=9)),
    "HEIC": (_ALL, _BOTH, _PROFILES, heif),
    "JPEG XL": (_ALL, _BOTH, _PROFILES, jxl),
    "TIFF": (_ALL, _BOTH, _PROFILES, by_pillow("TIFF")),
    "JPEG 2000": (_UPRIGHT, _BOTH, (b"",), by_pillow("JPEG2000")),
    "BMP": (_UPRIGHT, _PLAIN, (b"",), by_pillow("BMP")),
    "GIF": (_UPRIGHT, _PLAIN, (b"",), by_pillow("GIF")),
}
_ANIMATED: dict[str, Callable[[Sequence[Image.Image]], bytes]] = {
    "GIF": _frames_by_pillow("GIF", disposal=2),
    "PNG": _frames_by_pillow("PNG", disposal=1),
    "WebP": _frames_by_pillow("WEBP", lossless=True),
    "AVIF": _frames_by_pillow("AVIF", quality=90, speed=9),
    "JPEG XL": lambda frames: correctness_jxl.animation(frames, _FRAME_MS),
}
