"""The media types of image files, by their extension."""

import mimetypes

ANY_BYTES = "application/octet-stream"
_types = mimetypes.MimeTypes()
for _extension in ("avif", "heic", "heif", "jxl", "webp"):
    _types.add_type(f"image/{_extension}", f".{_extension}")
for _extension, _kind in {
    "dng": "adobe-dng",
    "cr2": "canon-cr2",
    "cr3": "canon-cr3",
    "nef": "nikon-nef",
    "arw": "sony-arw",
    "raf": "fuji-raf",
    "orf": "olympus-orf",
    "rw2": "panasonic-rw2",
}.items():
    _types.add_type(f"image/x-{_kind}", f".{_extension}")


def image_type(content_type: str) -> str:
    """Return a media type as the API takes it: that of an image, or of any bytes."""
    return content_type if content_type.startswith("image/") else ANY_BYTES


def content_type_of(name: str) -> str:
    """Return the media type for a file's extension; the pipeline decides by the bytes."""
    return _types.guess_type(name)[0] or ANY_BYTES
