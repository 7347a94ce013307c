# ruff: noqa: INP001 - a script, not a package
"""Fuzz JPEG files packed as JPEG XL: damaged JPEGs are packed, damaged containers unpacked.

Findings: an exception other than ImageRejected, a packed file that does not give the JPEG back or
is not smaller, and a trap inside libjxl that is not one of the limits. The options are those of
fuzz/render.py.
"""

from io import BytesIO
from pathlib import Path

import atheris
from campaign import fuzz

with atheris.instrument_imports(include=["imagemill"]):
    from PIL import Image

    from imagemill.errors import ImageRejected
    from imagemill.imaging.fastjpeg import Refused
    from imagemill.imaging.jxl.sandbox import prepare, take
    from imagemill.imaging.jxl.transcoding import is_packed_jpeg, pack_jpeg, unpack_jpeg

_SECONDS = 10.0
_SIZE = (96, 64)
_WAYS: tuple[dict[str, object], ...] = (
    {},
    {"subsampling": 0, "optimize": True},
    {"progressive": True, "subsampling": 1},
    {"restart_marker_blocks": 3, "keep_rgb": True},
    {"progressive": True, "comment": bytes(300)},
)
# Instructions and bytes with which no small file ends at a limit: a trap is then a fault of libjxl.
_PLENTY, _ROOM = 60_000_000_000, 2 << 30
_EFFORT, _MOST_OUTPUT = 7, 64 << 20


class Finding(Exception):
    """libjxl trapped, or the file was not given back."""


def use(data: bytes) -> None:
    """Unpack a container, or pack a JPEG; raises Finding."""
    if is_packed_jpeg(data):
        _unpack(data)
    else:
        _pack(data)


def draw_examples(folder: Path) -> None:
    """Write small JPEGs with metadata and bytes after the end, and the containers of them."""
    grey = Image.radial_gradient("L").resize(_SIZE)
    colour = Image.merge("RGB", (grey, grey.rotate(90), grey.rotate(180)))
    exif = Image.Exif()
    exif[0x0112] = 6
    for index, way in enumerate(_WAYS):
        for image in (colour, grey):
            file = BytesIO()
            options = way if image is colour else {}
            image.save(file, "JPEG", quality=80, exif=exif, icc_profile=bytes(300), **options)
            jpeg = file.getvalue() + bytes(20 * index)
            (folder / f"{index}-{image.mode}.jpg").write_bytes(jpeg)
            packed = pack_jpeg(jpeg, seconds=_SECONDS)
            if packed is None:
                raise Finding("an example cannot be packed")
            (folder / f"{index}-{image.mode}.jxl").write_bytes(packed)


def _pack(jpeg: bytes) -> None:
    packed = pack_jpeg(jpeg, seconds=_SECONDS)
    if packed is None:
        _look_for_a_trap("pack_jpeg", jpeg, _EFFORT)
    elif len(packed) >= len(jpeg) or unpack_jpeg(packed, seconds=_SECONDS) != jpeg:
        raise Finding("the file is not smaller, or does not come back")


def _unpack(packed: bytes) -> None:
    try:
        unpack_jpeg(packed, seconds=_SECONDS)
    except ImageRejected:
        _look_for_a_trap("unpack_jpeg", packed, 1 << 16, _MOST_OUTPUT)


def _look_for_a_trap(function: str, data: bytes, *numbers: int) -> None:
    """Call a function with plenty of time and memory; raises Finding if libjxl traps."""
    sandbox = take(_PLENTY, _ROOM)
    sandbox.put(data)
    try:
        sandbox.call(function, len(data), *numbers)
    except Refused as refusal:
        if sandbox.left() and sandbox.memory_bytes < _ROOM // 2:
            raise Finding("trapped") from refusal


if __name__ == "__main__":
    if not prepare():
        raise Refused("unavailable")
    fuzz(use, draw_examples)
