"""Our own JPEG decoder, WebAssembly in a sandbox: half the time where a small image is wanted."""

from imagemill.imaging.fastjpeg.planes import Planes, decode_planes
from imagemill.imaging.fastjpeg.sandbox import Refused, is_available, prepare

__all__ = ["Planes", "Refused", "decode_planes", "is_available", "prepare"]
