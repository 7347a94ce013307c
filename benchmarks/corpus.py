"""Photos to compare tools on, sorted into kinds.

They come from a folder, or else from packages of Debian that have photos of cameras and drawings,
which are downloaded once into `benchmarks/.peers/photos`. Without both one is drawn. Kinds that
none of them has are copies of photos of cameras.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from benchmarks.copies import COPIES_ONLY, make_copies
from benchmarks.images import draw
from benchmarks.peers import FOLDER

# Debian 12: photos in JPEG of 1 to 24 MP, most of them by cameras; drawings in PNG and WebP.
PACKAGES = (
    "plasma-workspace-wallpapers",
    "mate-backgrounds",
    "ukui-wallpapers",
    "lomiri-wallpapers-16.04",
    "lomiri-wallpapers-20.04",
    "gnome-backgrounds",
)
_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".webp", ".heic", ".avif", ".tif", ".tiff", ".gif"))
_PIXELS = 1_000_000
# Bytes per pixel of a JPEG below which it is a drawing or was compressed far more than by a camera.
_LEAST_BYTES_PER_PIXEL = 0.08
# Bytes per pixel of a PNG above which it is a photo.
_PHOTO_PNG = 1.0
CAMERA = "JPEG 8–16 MP"
# Photos that are copied for a kind without a file, and the size of a drawn one, px.
_COPIED, _DRAWN = 2, (4032, 3024)


@dataclass(frozen=True, slots=True)
class Photo:
    """A file with the facts that decide its kind; `bytes_per_pixel` is of the file."""

    path: Path
    format: str
    megapixels: float
    bytes_per_pixel: float
    is_progressive: bool = False
    has_alpha: bool = False
    frames: int = 1


def _jpeg(least: float, most: float, *, progressive: bool = False) -> Callable[[Photo], bool]:
    return lambda photo: (
        photo.format == "JPEG"
        and photo.is_progressive == progressive
        and least <= photo.megapixels < most
        and photo.bytes_per_pixel >= _LEAST_BYTES_PER_PIXEL
    )


def _none(_: Photo) -> bool:
    """Return False: files of the kind are always copies."""
    return False


def _format(name: str, *, animated: bool = False) -> Callable[[Photo], bool]:
    return lambda photo: photo.format == name and (photo.frames > 1) == animated


def _png(least: float, most: float, *, alpha: bool = False) -> Callable[[Photo], bool]:
    return lambda photo: (
        photo.format == "PNG" and photo.has_alpha == alpha and least <= photo.bytes_per_pixel < most
    )


KINDS: dict[str, Callable[[Photo], bool]] = {
    "JPEG 1–2 MP": _jpeg(0.9, 2.2),
    "JPEG 2.5–5 MP": _jpeg(2.2, 5.5),
    CAMERA: _jpeg(7.5, 17),
    "JPEG 20–48 MP": _jpeg(17, 60),
    "progressive JPEG 2–6 MP": _jpeg(1.8, 7, progressive=True),
    "progressive JPEG 8–24 MP": _jpeg(7.5, 30, progressive=True),
    "PNG photo": _png(_PHOTO_PNG, 8),
    "PNG drawing": _png(0, _PHOTO_PNG),
    "PNG with alpha": _png(0, 8, alpha=True),
    "WebP": _format("WEBP"),
    "AVIF": _format("AVIF"),
    "HEIC": _format("HEIF"),
    "TIFF": _format("TIFF"),
    "GIF": _format("GIF"),
    "animated GIF": _format("GIF", animated=True),
    "animated WebP": _format("WEBP", animated=True),
    "animated AVIF": _format("AVIF", animated=True),
    **dict.fromkeys(COPIES_ONLY, _none),
}


@dataclass(frozen=True, slots=True)
class Corpus:
    """All photos, and a folder for copies."""

    photos: tuple[Photo, ...]
    scratch: Path

    def of_kind(self, kind: str, most: int) -> list[Path]:
        """Return at most `most` files of a kind, spread evenly over their sizes, or copies."""
        found = sorted(
            (photo for photo in self.photos if KINDS[kind](photo)),
            key=lambda photo: (photo.megapixels, photo.path.name),
        )
        if not found and kind != CAMERA:
            return make_copies(kind, self.of_kind(CAMERA, _COPIED), self.scratch)
        count = min(most, len(found))
        return [found[at * len(found) // count].path for at in range(count)]

    def linked(self) -> Path:
        """Return a folder with links to some photos of cameras, for `images.gather`."""
        folder = self.scratch / "cameras"
        folder.mkdir()
        paths = [path for kind, most in _LINKED.items() for path in self._own(kind, most)]
        for number, path in enumerate(paths):
            (folder / f"{number}-{path.name}").symlink_to(path.resolve())
        return folder

    def _own(self, kind: str, most: int) -> list[Path]:
        """Return files of a kind, but no copies."""
        is_known = any(KINDS[kind](photo) for photo in self.photos)
        return self.of_kind(kind, most) if is_known else []


# Photos for the other parts of the page: kinds and numbers.
_LINKED = {
    "JPEG 2.5–5 MP": 2,
    CAMERA: 4,
    "JPEG 20–48 MP": 1,
    "progressive JPEG 8–24 MP": 2,
    "HEIC": 1,
}


def gather(folder: Path | None, scratch: Path) -> Corpus:
    """Return the images of a folder and its subfolders, or of the packages."""
    _register_heif()
    root = folder or _packaged()
    paths = [path for path in sorted(root.rglob("*")) if path.suffix.lower() in _SUFFIXES]
    found = [photo for path in paths if not path.is_symlink() and (photo := _read(path))]
    if not any(KINDS[CAMERA](photo) for photo in found):
        drawn = _read(draw(scratch / "drawn.jpg", _DRAWN))
        assert drawn  # noqa: S101 - we wrote it
        found.append(drawn)
    return Corpus(tuple(found), scratch)


def _packaged() -> Path:
    """Download and unpack the packages once; returns their folder, which may stay empty."""
    root = FOLDER / "photos"
    root.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        if not (root / name).exists():
            _unpack(name, root)
    return root


def _unpack(name: str, root: Path) -> None:
    """Download and unpack a package of Debian; does nothing where that is not possible."""
    try:
        _run(root, "apt-get", "download", name)
        [archive] = root.glob(f"{name}_*.deb")
        _run(root, "dpkg", "-x", str(archive), str(root / name))
        archive.unlink()
    except (OSError, subprocess.SubprocessError, ValueError):
        return


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=600, cwd=folder)  # noqa: S603


def _read(path: Path) -> Photo | None:
    """Return a file's facts; None if it cannot be read."""
    try:
        with Image.open(path) as image:
            pixels = image.width * image.height
            return Photo(
                path,
                str(image.format),
                pixels / _PIXELS,
                path.stat().st_size / pixels,
                bool(image.info.get("progressive")),
                image.has_transparency_data,
                getattr(image, "n_frames", 1),
            )
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def _register_heif() -> None:
    try:
        from pillow_heif import register_heif_opener  # noqa: PLC0415 - an extra
    except ImportError:
        return
    register_heif_opener()
