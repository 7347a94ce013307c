"""Images generated for tests."""

import io

from PIL import Image

ORIENTATION = 0x0112


def gradient(width: int, height: int) -> Image.Image:
    """Return an image that is dark at the left, light at the right and red at the top."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").rotate(180).resize((width, height))
    return Image.merge("RGB", (down, across, across))


def jpeg(
    width: int = 60, height: int = 40, orientation: int = 1, exif: Image.Exif | None = None
) -> bytes:
    """Return a JPEG of this stored size, with an EXIF orientation and other EXIF tags."""
    exif = exif or Image.Exif()
    exif[ORIENTATION] = orientation
    buffer = io.BytesIO()
    gradient(width, height).save(buffer, "JPEG", quality=90, exif=exif)
    return buffer.getvalue()


def png(width: int = 60, height: int = 40) -> bytes:
    """Return a PNG of this size."""
    buffer = io.BytesIO()
    gradient(width, height).save(buffer, "PNG")
    return buffer.getvalue()


def encoded(width: int, height: int, image_format: str) -> bytes:
    """Return an image in any format that Pillow writes."""
    buffer = io.BytesIO()
    gradient(width, height).save(buffer, image_format)
    return buffer.getvalue()
