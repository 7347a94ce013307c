"""Ids of images and keys of objects: how each is derived from the others."""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import quote

ID_LENGTH = 26
# Longest key that S3 allows, bytes of UTF-8; source: "Object key naming" in its User Guide.
MAX_KEY_BYTES = 1024
MAX_FILENAME_BYTES = 255
_MAX_SUFFIX_BYTES = 16
_NAMELESS = "image"
EXTENSIONS = {
    "jpeg": "jpg",
    "png": "png",
    "webp": "webp",
    "gif": "gif",
    "avif": "avif",
    "jxl": "jxl",
}
# Names of presets; see `recipe`.
_PRESET = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
# Key of a variant. That of a rendition cannot have the form: it ends after the id.
# Prefix of the keys of JPEGs that were unpacked for a download; they expire after a day.
UNPACKED_PREFIX = "~o/"
_VARIANT = re.compile(r"~t/(?P<id>[a-z2-7]{26})/.+")
# Key of an upload that has an owner; those without one have no `~`. In an existing bucket the
# prefix of all originals comes before.
_OWNED = re.compile(r".*?uploads/~(?P<owner>[a-z2-7]{26})/.+", re.DOTALL)
_DOTS = frozenset({".", ".."})
# Path segments that some clients, proxies or caches remove; CloudFront matches paths without.
_CHANGED_BY_URLS = _DOTS | {""}
# Returns whether the object under a key is processed.
Accepts = Callable[[str], bool]
_UNPRINTABLE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def accept_every(_: str) -> bool:
    """Accept every key."""
    return True


def image_id(key: str) -> str:
    """Return the id of the original stored under `key`: 26 letters and digits (128 bits)."""
    digest = hashlib.sha256(key.encode()).digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=").lower()


def is_image_id(text: str) -> bool:
    """Return whether `text` has the form of an id; a key may have it, too."""
    return re.fullmatch(r"[a-z2-7]{26}", text) is not None


def rendition_key(preset: str, key: str) -> str:
    """Return the processed bucket's key for one preset of one original.

    No two originals share one. A key that is too long to get the preset's name in front, or that
    URLs would change, is replaced by the id. A `~` then precedes the preset, with which no preset's
    name can begin.
    """
    plain = f"{preset}/{key}"
    if len(plain.encode()) <= MAX_KEY_BYTES and _CHANGED_BY_URLS.isdisjoint(key.split("/")):
        return plain
    return f"~{preset}/{image_id(key)}"


def has_dot_segments(key: str) -> bool:
    """Return True if a segment of the key is `.` or `..`, so that no URL can name the object.

    Browsers and most HTTP clients remove such segments, percent-encoded or not, and would request
    another object. Source: the path state of the URL Standard.
    """
    return not _DOTS.isdisjoint(key.split("/"))


def is_variant_key(key: str) -> bool:
    """Return True if a key of the processed bucket is that of a variant: `~t/{id}/{canonical}`."""
    return _VARIANT.fullmatch(key) is not None


def unpacked_key(image_id: str, sha256: str) -> str:
    """Return the key in the processed bucket of the JPEG that an archived original holds."""
    return f"{UNPACKED_PREFIX}{image_id}/{sha256}"


def is_rendition_of(rendition: str, key: str) -> bool:
    """Return True if a key of the processed bucket can be a rendition of this original.

    The form of the two keys decides: `{preset}/{key}` or `~{preset}/{id}` with any preset, or a
    variant, `~t/{id}/{canonical}`.
    """
    variant = _VARIANT.fullmatch(rendition)
    if variant:
        return variant["id"] == image_id(key)
    preset, _, rest = rendition.partition("/")
    if preset.startswith("~"):
        return _PRESET.fullmatch(preset[1:]) is not None and rest == image_id(key)
    return _PRESET.fullmatch(preset) is not None and rest == key


def is_folder_marker(key: str, size: int) -> bool:
    """Return True for the empty object that the S3 console creates for a new folder.

    Its key ends with `/`; other tools mark folders in the same way.
    """
    return size == 0 and key.endswith("/")


def filename_of(key: str) -> str:
    """Return the last part of a key: `a/b.jpg` → `b.jpg`, `a/` → `a`."""
    return PurePosixPath(key).name or key


def upload_key(filename: str, token: str, owner: str = "") -> str:
    """Return the originals bucket's key for an upload by HTTP; `token` makes it unique.

    `owner` is the id of the image's owner; empty for none. A `$` becomes `_`: S3 reads it as the
    beginning of a variable in the key of a presigned POST, and has no way to escape it.
    """
    folder = f"~{owner}/{token}" if owner else token
    return f"uploads/{folder}/{safe_filename(filename).replace('$', '_')}"


def owner_id(actor: str) -> str:
    """Return the id of an owner, which reveals nothing about it: 26 letters and digits."""
    return image_id(actor)


def owner_of(key: str) -> str:
    """Return the id of the owner of an original, which its key names; empty for none."""
    found = _OWNED.fullmatch(key)
    return found["owner"] if found else ""


def safe_filename(filename: str) -> str:
    """Return `filename` as a single path part: printable, at most 255 bytes, never empty.

    Folders, control characters and text direction overrides are removed, accents are composed
    (NFC), and a stem that is too long is shortened, so that the extension stays.
    """
    composed = unicodedata.normalize("NFC", filename.replace("\\", "/"))
    name = _printable(composed).rpartition("/")[2].strip().lstrip(".")
    return _shortened(name) or _NAMELESS


def rendition_filename(original: str, image_format: str) -> str:
    """Return the file name of a rendition: `IMG_1.HEIC` as jpeg → `IMG_1.jpg`."""
    stem = PurePosixPath(original).stem or "image"
    return f"{stem}.{EXTENSIONS[image_format]}"


def inline_disposition(filename: str) -> str:
    """Return a Content-Disposition that shows the image and names it (RFC 6266, RFC 8187).

    S3 allows 2 KB of metadata, and the name is in it twice, once percent-encoded. So a name is cut
    to 255 bytes, and the result has at most about 1,100. Control characters and text direction
    overrides are left out.
    """
    name = _shortened(_printable(filename)) or _NAMELESS
    plain = re.sub(r"[^A-Za-z0-9 ._()+-]", "_", name)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _printable(text: str) -> str:
    # Nearly every name: str.isprintable() excludes the same categories.
    if text.isprintable():
        return text
    return "".join(one for one in text if unicodedata.category(one) not in _UNPRINTABLE_CATEGORIES)


def _shortened(name: str) -> str:
    if len(name.encode()) <= MAX_FILENAME_BYTES:
        return name
    suffix = PurePosixPath(name).suffix
    kept = suffix if len(suffix.encode()) <= _MAX_SUFFIX_BYTES else ""
    room = MAX_FILENAME_BYTES - len(kept.encode())
    stem = name.removesuffix(kept).encode()[:room].decode(errors="ignore")
    return stem + kept
