"""Copies of photos in formats that cameras and wallpapers lack, for kinds without a file."""

from collections.abc import Callable, Sequence
from pathlib import Path

from fakes.gain_maps import ultra_hdr
from fakes.raw_files import MAKERS, jpeg_of
from PIL import Image, ImageFilter

from imagemill.imaging.icc import from_codes
from imagemill.imaging.jxl.encoder import Coding, FrameEncoder, encode_still

# Sides of a copy in a format that nobody uses for large photos, px.
_MEDIUM, _SMALL = (1600, 1200), (640, 480)
_FRAMES, _FRAME_MS, _STEP_PX = 24, 80, 8
# About as many bytes per pixel as a camera's JPEG, and as the file of its sensor's data.
_CAMERA_QUALITY, _SENSOR_BYTES = 92, 16_000_000
_JXL_QUALITY, _JXL_EFFORT = 80, 3
# Up to 2.3 stops, as in photos of phones; and the part of its width that blurs a smooth map.
_GAIN = 'hdrgm:Version="1.0" hdrgm:GainMapMin="0" hdrgm:GainMapMax="2.3" hdrgm:HDRCapacityMax="2.3"'
_SMOOTH_PART = 200
# Options of Pillow's encoders of animations, by suffix.
_ANIMATED: dict[str, dict[str, object]] = {
    ".gif": {},
    ".webp": {"quality": 80, "method": 2},
    ".avif": {"quality": 60, "speed": 9},
}


def make_copies(kind: str, photos: Sequence[Path], folder: Path) -> list[Path]:
    """Return a copy of each photo as a file of `kind`; empty if the kind cannot be made."""
    if kind not in _MAKERS:
        return []
    suffix, make = _MAKERS[kind]
    outs = [folder / f"{path.stem}{suffix}" for path in photos]
    for path, out in zip(photos, outs, strict=True):
        with Image.open(path) as image:
            make(image.convert("RGB"), out)
    return outs


def _photo_png(image: Image.Image, out: Path) -> None:
    image.save(out, compress_level=6)


def _alpha_png(image: Image.Image, out: Path) -> None:
    """Fade the photo out towards the corners, as a cut-out has soft edges."""
    medium = image.resize(_MEDIUM)
    medium.putalpha(Image.radial_gradient("L").point(lambda level: 255 - level).resize(_MEDIUM))
    medium.save(out, compress_level=6)


def _webp(image: Image.Image, out: Path) -> None:
    image.save(out, quality=80, method=2)


def _avif(image: Image.Image, out: Path) -> None:
    image.save(out, quality=60, speed=9)


def _heic(image: Image.Image, out: Path) -> None:
    from pillow_heif import register_heif_opener  # noqa: PLC0415 - an extra

    register_heif_opener()
    # The encoder's usual setting takes minutes, and its files take as long to decode.
    image.save(out, "HEIF", quality=60, enc_params={"preset": "ultrafast"})


def _tiff(image: Image.Image, out: Path) -> None:
    image.save(out, compression="tiff_lzw")


def _gif(image: Image.Image, out: Path) -> None:
    image.resize(_MEDIUM).quantize(256).save(out)


def write_animation(
    image: Image.Image, out: Path, frames: int = _FRAMES, size: tuple[int, int] = _SMALL
) -> None:
    """Write an animation as GIF, WebP or AVIF, by the name of the file."""
    shown = _frames(image, frames, size)
    is_gif = out.suffix == ".gif"
    first, *others = [frame.quantize(256) for frame in shown] if is_gif else shown
    more: dict[str, object] = {"save_all": True, "append_images": others, "loop": 0}
    first.save(out, None, **more, duration=_FRAME_MS, **_ANIMATED[out.suffix])


def _frames(
    image: Image.Image, count: int = _FRAMES, size: tuple[int, int] = _SMALL
) -> list[Image.Image]:
    """Move a window over the photo."""
    width, height = size
    whole = (max(_MEDIUM[0], width + _STEP_PX * count), max(_MEDIUM[1], height + _STEP_PX * count))
    large = image.resize(whole)
    corners = [(_STEP_PX * at, _STEP_PX * at) for at in range(count)]
    return [large.crop((left, top, left + width, top + height)) for left, top in corners]


def _jxl_animation(image: Image.Image, out: Path) -> None:
    encoder = FrameEncoder(Coding(*_SMALL, 3, _JXL_QUALITY, _JXL_EFFORT), 0)
    for frame in _frames(image):
        encoder.add(frame.tobytes(), _FRAME_MS)
    out.write_bytes(encoder.finish())


def write_jxl(image: Image.Image, out: Path) -> None:
    """Write the photo as a lossy JPEG XL."""
    coding = Coding(*image.size, 3, _JXL_QUALITY, _JXL_EFFORT)
    out.write_bytes(encode_still(coding, image.tobytes()))


def write_ultra_hdr(
    image: Image.Image, out: Path, mode: str = "L", by: int = 2, *, is_smooth: bool = False
) -> None:
    """Add a map, brighter where the photo is; the photo's sides are `by` times its own."""
    size = (image.width // by, image.height // by)
    gain = image.convert(mode).resize(size).point(lambda level: max(0, 2 * level - 255))
    if is_smooth:
        gain = gain.filter(ImageFilter.GaussianBlur(size[0] / _SMOOTH_PART))
    out.write_bytes(ultra_hdr(image, gain, _GAIN, quality=_CAMERA_QUALITY))


def _display_p3(image: Image.Image, out: Path) -> None:
    image.save(out, quality=_CAMERA_QUALITY, icc_profile=from_codes(12, 13))


def write_raw(image: Image.Image, out: Path) -> None:
    """Store the photo as the preview of a NEF, with bytes in place of the sensor's data."""
    preview, thumbnail = (jpeg_of(each, quality=88) for each in (image, image.resize((160, 120))))
    out.write_bytes(MAKERS["nef"](preview, thumbnail, {}) + bytes(_SENSOR_BYTES))


_MAKERS: dict[str, tuple[str, Callable[[Image.Image, Path], None]]] = {
    "PNG photo": (".png", _photo_png),
    "PNG with alpha": (".alpha.png", _alpha_png),
    "WebP": (".webp", _webp),
    "AVIF": (".avif", _avif),
    "HEIC": (".heic", _heic),
    "TIFF": (".tiff", _tiff),
    "GIF": (".gif", _gif),
    "animated GIF": (".animated.gif", write_animation),
    "animated WebP": (".animated.webp", write_animation),
    "animated AVIF": (".animated.avif", write_animation),
    "animated JPEG XL": (".animated.jxl", _jxl_animation),
    "JPEG XL": (".jxl", write_jxl),
    "Ultra HDR JPEG": (".hdr.jpg", write_ultra_hdr),
    "JPEG in Display P3": (".p3.jpg", _display_p3),
    "camera raw": (".nef", write_raw),
}
# Kinds that the folder is not searched for.
COPIES_ONLY = ("animated JPEG XL", "JPEG XL", "Ultra HDR JPEG", "JPEG in Display P3", "camera raw")
