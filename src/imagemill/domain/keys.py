"""Names: ids of images and keys of objects, and what each says about the other."""

import base64
import hashlib
import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import quote

ID_LENGTH = 26
MAX_KEY_BYTES = 1024
"""What S3 allows a key, in bytes of UTF-8."""
MAX_FILENAME_BYTES = 255
_MAX_SUFFIX_BYTES = 16
_NAMELESS = "image"
EXTENSIONS = {"jpeg": "jpg", "png": "png", "webp": "webp", "gif": "gif", "avif": "avif"}
_PRESET = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
"""Names of presets; see `recipe`."""
_DOTS = frozenset({".", ".."})
_CHANGED_BY_URLS = _DOTS | {""}
"""Segments of a path that some client, proxy or cache removes; CloudFront matches paths without."""
_UNPRINTABLE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def image_id(key: str) -> str:
    """Return the id of the original stored under `key`: 26 letters and digits (128 bits)."""
    digest = hashlib.sha256(key.encode()).digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=").lower()


def is_image_id(text: str) -> bool:
    """Tell whether `text` has the form of an id; a key may have it too."""
    return re.fullmatch(r"[a-z2-7]{26}", text) is not None


def rendition_key(preset: str, key: str) -> str:
    """Return the processed bucket's key for one preset of one original.

    No two originals share one. A key that is too long to carry the preset's name in front, or that
    no URL keeps as it is, is replaced by its id, behind a `~` that no preset's name can begin with.
    """
    plain = f"{preset}/{key}"
    if len(plain.encode()) <= MAX_KEY_BYTES and _CHANGED_BY_URLS.isdisjoint(key.split("/")):
        return plain
    return f"~{preset}/{image_id(key)}"


def has_dot_segments(key: str) -> bool:
    """Return True if a segment of the key is `.` or `..`, so that no web address leads to it.

    Browsers and most HTTP clients remove such segments before they ask, percent-encoded or not, and
    get another object. Source: the path state of the URL Standard.
    """
    return not _DOTS.isdisjoint(key.split("/"))


def is_rendition_of(rendition: str, key: str) -> bool:
    """Return True if a key of the processed bucket can be a rendition of this original.

    Decided from the two keys alone: `{preset}/{key}` or `~{preset}/{id}`, by any preset.
    """
    preset, _, rest = rendition.partition("/")
    if preset.startswith("~"):
        return _PRESET.fullmatch(preset[1:]) is not None and rest == image_id(key)
    return _PRESET.fullmatch(preset) is not None and rest == key


def is_folder_marker(key: str, size: int) -> bool:
    """Return True for the object that the S3 console makes of a new folder: it is no image.

    It has no bytes, and its key ends with `/`; other tools mark folders in the same way.
    """
    return size == 0 and key.endswith("/")


def filename_of(key: str) -> str:
    """Return the last part of a key: `a/b.jpg` → `b.jpg`, `a/` → `a`."""
    return PurePosixPath(key).name or key


def upload_key(filename: str, token: str) -> str:
    """Return the originals bucket's key for an upload by HTTP; `token` keeps equal names apart.

    A `$` becomes `_`: S3 takes it for the beginning of a variable in the key of an upload form, and
    has no way to escape it.
    """
    return f"uploads/{token}/{safe_filename(filename).replace('$', '_')}"


def safe_filename(filename: str) -> str:
    """Return `filename` as a single path part: printable, at most 255 bytes, never empty.

    Folders are cut off, control characters and text direction overrides dropped, accents composed
    (NFC), and an over-long stem shortened so that the extension stays.
    """
    composed = unicodedata.normalize("NFC", filename.replace("\\", "/"))
    name = _printable(composed).rpartition("/")[2].strip().lstrip(".")
    return _shortened(name) or _NAMELESS


def rendition_filename(original: str, image_format: str) -> str:
    """Return the name to save a rendition under: `IMG_1.HEIC` as jpeg → `IMG_1.jpg`."""
    stem = PurePosixPath(original).stem or "image"
    return f"{stem}.{EXTENSIONS[image_format]}"


def inline_disposition(filename: str) -> str:
    """Return a Content-Disposition that shows the image and names it (RFC 6266, RFC 8187).

    At most about 1,100 bytes, because S3 allows 2 KB of metadata and the name stands in it twice,
    once percent-encoded: of a longer name at most 255 bytes are told. Control characters and text
    direction overrides are left out.
    """
    name = _shortened(_printable(filename)) or _NAMELESS
    plain = re.sub(r"[^A-Za-z0-9 ._()+-]", "_", name)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _printable(text: str) -> str:
    return "".join(one for one in text if unicodedata.category(one) not in _UNPRINTABLE_CATEGORIES)


def _shortened(name: str) -> str:
    if len(name.encode()) <= MAX_FILENAME_BYTES:
        return name
    suffix = PurePosixPath(name).suffix
    kept = suffix if len(suffix.encode()) <= _MAX_SUFFIX_BYTES else ""
    room = MAX_FILENAME_BYTES - len(kept.encode())
    stem = name.removesuffix(kept).encode()[:room].decode(errors="ignore")
    return stem + kept
