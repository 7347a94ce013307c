# ruff: noqa: INP001 - a script, not a package
"""Fuzz the sandbox of JPEG XL: its decoder with damaged files, its encoder with arbitrary samples.

An input with the signature of JPEG XL is decoded, any other is a list of samples to encode.
Findings: an exception other than ImageRejected, a trap inside libjxl that is not one of the limits,
a rendition that cannot be opened, and samples that a lossless file does not give back. The options
are those of fuzz/render.py.
"""

import sys
from io import BytesIO
from pathlib import Path
from random import Random

import atheris
from campaign import fuzz

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

with atheris.instrument_imports(include=["imagemill"]):
    from fakes.jxl_files import in_container, make_box
    from PIL import Image

    from imagemill.errors import ImageRejected
    from imagemill.imaging import Limits, render
    from imagemill.imaging.fastjpeg import Refused
    from imagemill.imaging.formats.jxl import read_header
    from imagemill.imaging.jxl.decoder import JxlDecoder
    from imagemill.imaging.jxl.encoder import Coding, FrameEncoder, encode_still
    from imagemill.imaging.jxl.sandbox import prepare, take
    from imagemill.recipe import Recipe

_SIGNATURES = (b"\xff\x0a", b"\0\0\0\x0cJXL ")
_RECIPES = tuple(map(Recipe.parse, ("48", "48:png", "48:jxl", "20x20:cover:jpeg", "48:webp")))
_LIMITS = Limits(max_pixels=250_000, max_animation_pixels=1_000_000, max_memory_bytes=512 << 20)
_SIZE, _EXAMPLE_FRAMES = (48, 32), 3
# Bytes that choose how samples are encoded, and the longest side of such an image, px.
_CHOICES, _MOST_SIDE = 5, 64
_LOSSLESS = 100
# Instructions and bytes with which no small file ends at a limit: a trap is then a fault of libjxl.
_PLENTY, _ROOM, _MOST_FRAMES = 60_000_000_000, 1 << 30, 4


class Finding(Exception):
    """libjxl trapped, or gave something else than was put in."""


def use(data: bytes) -> None:
    """Decode a file, or encode samples; raises Finding."""
    if data.startswith(_SIGNATURES):
        _decode(data)
    elif len(data) > _CHOICES:
        _encode(data[:_CHOICES], data[_CHOICES:])


def draw_examples(folder: Path) -> None:
    """Write small files, still and animated, in and without containers, and some samples."""
    grey = Image.radial_gradient("L").resize(_SIZE)
    colour = Image.merge("RGBA", (grey, grey.rotate(90), grey.rotate(180), grey))
    for mode in ("L", "LA", "RGB", "RGBA"):
        for quality in (60, _LOSSLESS):
            still = _still(colour.convert(mode), quality)
            (folder / f"{mode}-{quality}").write_bytes(still)
            boxed = in_container(still, make_box(b"jhgm", bytes(40)) + make_box(b"Exif", bytes(12)))
            (folder / f"{mode}-{quality}-boxes").write_bytes(boxed)
        (folder / f"{mode}-frames").write_bytes(_animation(colour.convert(mode)))
        samples = Random(len(mode)).randbytes(600)  # noqa: S311 - the same every time
        for quality in (70, 71):
            choices = bytes((39, 24, len(mode), quality, 1))
            (folder / f"{mode}-samples-{quality}").write_bytes(choices + samples)


def _still(image: Image.Image, quality: int) -> bytes:
    return encode_still(Coding(*_SIZE, len(image.mode), quality, 3), image.tobytes())


def _animation(image: Image.Image) -> bytes:
    encoder = FrameEncoder(Coding(*_SIZE, len(image.mode), 80, 1), 2)
    for at in range(_EXAMPLE_FRAMES):
        encoder.add(image.rotate(90 * at).tobytes(), 80)
    return encoder.finish()


def _decode(data: bytes) -> None:
    """Render the file, and ask libjxl itself without limits if it is small."""
    recipe = _RECIPES[len(data) % len(_RECIPES)]
    try:
        rendition = render(data, recipe, _LIMITS).renditions[0]
    except ImageRejected:
        _look_for_a_trap(data)
        return
    if rendition.format != "jxl":
        Image.open(BytesIO(rendition.data)).load()
    elif read_header(rendition.data) is None:
        raise Finding("the header of the rendition cannot be read")


def _look_for_a_trap(data: bytes) -> None:
    """Decode a few frames with plenty of time and memory; raises Finding if libjxl traps."""
    header = read_header(data)
    if header is None or header.width * header.height > _LIMITS.max_pixels:
        return
    sandbox = take(_PLENTY, _ROOM)
    sandbox.put(data)
    if sandbox.call("open", len(data)):
        return
    for _ in range(_MOST_FRAMES):
        if sandbox.call("next"):
            return


def _encode(choices: bytes, data: bytes) -> None:
    """Encode the samples, and compare the size, and without loss the samples."""
    across, down, channels, quality, effort = choices
    size = (1 + across % _MOST_SIDE, 1 + down % _MOST_SIDE)
    chosen = _LOSSLESS if quality % 2 else 1 + quality % _LOSSLESS
    coding = Coding(*size, 1 + channels % 4, chosen, 1 + effort % 5)
    count = size[0] * size[1] * coding.channels
    samples = (data * (count // len(data) + 1))[:count]
    decoder = JxlDecoder(encode_still(coding, samples), _ROOM)
    if (decoder.header.width, decoder.header.height) != size:
        raise Finding(f"{decoder.header} instead of {size}")
    frame = decoder.next_frame()
    if frame is None or frame.is_damaged:
        raise Finding("the file has no frame")
    if coding.quality == _LOSSLESS and frame.pixels != samples:
        raise Finding("other samples")


if __name__ == "__main__":
    if not prepare():
        raise Refused("unavailable")
    fuzz(use, draw_examples)
