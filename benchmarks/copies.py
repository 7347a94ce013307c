"""Copies of photos in formats that cameras and wallpapers lack, for kinds without a file."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image

# Sides of a copy in a format that nobody uses for large photos, px.
_MEDIUM, _SMALL = (1600, 1200), (640, 480)
_FRAMES, _FRAME_MS, _STEP_PX = 24, 80, 8


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


def _animation(image: Image.Image, out: Path) -> None:
    """Move a window over the photo."""
    medium = image.resize(_MEDIUM)
    width, height = _SMALL
    corners = [(_STEP_PX * at, _STEP_PX * at) for at in range(_FRAMES)]
    first, *others = [
        medium.crop((left, top, left + width, top + height)).quantize(256) for left, top in corners
    ]
    first.save(out, save_all=True, append_images=others, duration=_FRAME_MS, loop=0)


_MAKERS: dict[str, tuple[str, Callable[[Image.Image, Path], None]]] = {
    "PNG photo": (".png", _photo_png),
    "PNG with alpha": (".alpha.png", _alpha_png),
    "WebP": (".webp", _webp),
    "AVIF": (".avif", _avif),
    "HEIC": (".heic", _heic),
    "TIFF": (".tiff", _tiff),
    "GIF": (".gif", _gif),
    "animated GIF": (".animated.gif", _animation),
}
