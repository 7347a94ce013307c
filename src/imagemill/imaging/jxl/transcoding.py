"""JPEG files packed without loss as JPEG XL, and unpacked bit for bit."""

from struct import Struct, error

from imagemill.errors import CorruptImage, ImageRejected, OverBudget, UnsupportedFormat
from imagemill.imaging.fastjpeg import Refused

from .decoder import JxlDecoder
from .sandbox import JxlSandbox, take

_NEEDED = "packed JPEG files need the extra: pip install 'imagemill[sandbox]'"
# Boxes of ISO/IEC 18181-2: the first one, the head of any, and that from which a JPEG is restored.
_CONTAINER, _BOX, _RECONSTRUCTION = b"\0\0\0\x0cJXL \r\n\x87\n", Struct(">I4s"), b"jbrd"
# Start of a JPEG, head of a segment, markers of frames: baseline, extended and progressive, coded
# by Huffman; position and format of height and width in such a segment.
_START, _SEGMENT, _FRAMES = b"\xff\xd8", Struct(">HH"), (0xFFC0, 0xFFC1, 0xFFC2)
_SIDES_AT, _SIDES = 5, Struct(">HH")
# First bytes of a container that show that it holds a JPEG.
HEAD_BYTES = 1 << 16
# Effort of libjxl: its default. 3 to 7 take the same time and give the same bytes but for metadata;
# 9 takes twenty times as long and saves 0.2% more.
_EFFORT = 7
# Most bytes that may be left of each byte.
_MOST_SHARE = 0.99
# Instructions per second of CPU time on the measured core: the fewest, those of packing.
_PER_SECOND = 10_000_000_000
# Instructions granted: a fixed part, a part per pixel, and one per byte. Five times the measured.
_FIXED_FUEL, _FUEL_PER_PIXEL, _FUEL_PER_BYTE = 2_000_000_000, 2_000, 4_000
# Memory that packing touches, bytes per pixel and per byte of the file, measured; and the most of
# a file that is packed: a Lambda function with one whole core has 1,769 MiB.
_TOUCHED_PER_PIXEL, _TOUCHED_PER_BYTE, _MOST_TOUCHED = 24, 10, 1_300 << 20
# Memory of the sandbox, bytes: a fixed part, per pixel for packing and for unpacking, and per byte.
# libjxl reserves much more than it touches. Measured, and a quarter more.
_FIXED_BYTES, _PACKING_BYTES, _UNPACKING_BYTES, _PER_BYTE = 128 << 20, 110, 40, 20
# Most memory that WebAssembly can address, less one page.
_MOST_BYTES = (1 << 32) - (1 << 16)
# Bytes of an unpacked file: the size that is tried first, and the most, by the size of the packed
# file and by its pixels.
_FIRST_SHARE, _FIRST_BYTES = 1.5, 1 << 16
_MOST_FIXED, _MOST_PER_BYTE, _MOST_PER_PIXEL = 8 << 20, 8, 12


def pack_jpeg(jpeg: bytes, *, seconds: float) -> bytes | None:
    """Return a JPEG XL container from which the JPEG can be unpacked bit for bit.

    None if that is not possible in so much CPU time, or saves less than 1%. The container has been
    unpacked and compared with the JPEG before it is returned.
    """
    area = _area(jpeg)
    if area is None:
        return None
    try:
        packed, fuel = _pack(jpeg, area, round(seconds * _PER_SECOND))
        if len(packed) > _MOST_SHARE * len(jpeg) or not is_packed_jpeg(packed[:HEAD_BYTES]):
            return None
        unpacked = _unpack(packed, area, fuel, len(jpeg))
    except Refused:
        return None
    return packed if unpacked == jpeg else None


def unpack_jpeg(packed: bytes, *, seconds: float) -> bytes:
    """Return the JPEG that the container was packed from, bit for bit.

    Raises CorruptImage if it is damaged or holds no JPEG, OverBudget if it needs more CPU time or
    memory, and UnsupportedFormat without wasmtime.
    """
    try:
        header = JxlDecoder(packed, _FIXED_BYTES).header
        area = header.width * header.height
        most = _MOST_FIXED + _MOST_PER_BYTE * len(packed) + _MOST_PER_PIXEL * area
        return _unpack(packed, area, round(seconds * _PER_SECOND), most)
    except Refused as refusal:
        raise _translated(refusal) from refusal


def is_packed_jpeg(head: bytes) -> bool:
    """Return whether a file with these HEAD_BYTES is JPEG XL from which a JPEG can be unpacked."""
    at = 0 if head.startswith(_CONTAINER) else len(head)
    while at + _BOX.size <= len(head):
        size, name = _BOX.unpack_from(head, at)
        if name == _RECONSTRUCTION:
            return True
        if size < _BOX.size:
            break
        at += size
    return False


def _area(jpeg: bytes) -> int | None:
    """Return the pixels of the frame, None if there is none that libjxl packs: T.81, annex B."""
    at = len(_START)
    try:
        while jpeg.startswith(_START):
            marker, length = _SEGMENT.unpack_from(jpeg, at)
            if marker in _FRAMES:
                height, width = _SIDES.unpack_from(jpeg, at + _SIDES_AT)
                return int(width * height)
            at += 2 + length
    except error:
        pass
    return None


def _pack(jpeg: bytes, area: int, fuel: int) -> tuple[bytes, int]:
    """Return the container, and the rest of the fuel; raises Refused."""
    sandbox = _taken(jpeg, area, fuel, _PACKING_BYTES)
    granted = sandbox.left()
    sandbox.run("pack_jpeg", len(jpeg), _EFFORT)
    return sandbox.result(), fuel - granted + sandbox.left()


def _unpack(packed: bytes, area: int, fuel: int, most: int) -> bytes:
    """Return the JPEG, of at most `most` bytes; raises Refused."""
    sandbox = _taken(packed, area, fuel, _UNPACKING_BYTES)
    first = round(_FIRST_SHARE * len(packed)) + _FIRST_BYTES
    sandbox.run("unpack_jpeg", len(packed), first, most)
    return sandbox.result()


def _taken(data: bytes, area: int, fuel: int, bytes_per_pixel: int) -> JxlSandbox:
    """Return a sandbox with the file in it, and the fuel and memory that its size explains."""
    if _TOUCHED_PER_PIXEL * area + _TOUCHED_PER_BYTE * len(data) > _MOST_TOUCHED:
        raise Refused("no_memory")
    explained = _FIXED_FUEL + _FUEL_PER_PIXEL * area + _FUEL_PER_BYTE * len(data)
    most_bytes = _FIXED_BYTES + bytes_per_pixel * area + _PER_BYTE * len(data)
    sandbox = take(min(fuel, explained), min(most_bytes, _MOST_BYTES))
    sandbox.put(data)
    return sandbox


def _translated(refusal: Refused) -> ImageRejected:
    """Return the error of the tree for the sandbox's reason."""
    if refusal.reason == "unavailable":
        return UnsupportedFormat(_NEEDED)
    if refusal.reason in ("trapped", "no_memory"):
        return OverBudget("unpacking the JPEG needs more memory or time")
    return CorruptImage("expected a JPEG packed as JPEG XL, undamaged")
