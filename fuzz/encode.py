# ruff: noqa: INP001 - a script, not a package
"""Fuzz the sandboxed JPEG encoder with arbitrary samples.

Findings: an encoding that is refused, a file that the strict decoder refuses, and one that Pillow
decodes to another size or not at all. The first six bytes of the input choose size, subsampling,
scans and quality, and the others are the samples. The options are those of fuzz/render.py.
"""

from io import BytesIO
from pathlib import Path
from random import Random
from typing import get_args

import atheris
from campaign import fuzz

with atheris.instrument_imports(include=["imagemill"]):
    from PIL import Image

    from imagemill.imaging.fastjpeg import (
        Refused,
        Samples,
        Sampling,
        Scans,
        decode_planes,
        encode_samples,
    )

_SAMPLINGS: tuple[Sampling, ...] = get_args(Sampling)
_SCANS: tuple[Scans, ...] = get_args(Scans)
_MOST_SIDE, _CHOICES = 96, 6


class Finding(Exception):
    """The encoder refused the samples, or a decoder its file."""


def encode(data: bytes) -> None:
    """Encode the samples in `data` and decode the file; raises Finding."""
    if len(data) <= _CHOICES:
        return
    across, down, sampling, scans, quality, _ = data[:_CHOICES]
    samples = _samples(
        1 + across % _MOST_SIDE,
        1 + down % _MOST_SIDE,
        _SAMPLINGS[sampling % len(_SAMPLINGS)],
        data[_CHOICES:],
    )
    try:
        made = encode_samples(samples, 1 + quality % 100, _SCANS[scans % len(_SCANS)])
        _check(made, (samples.width, samples.height))
    except Refused as refusal:
        raise Finding(refusal.reason) from refusal


def draw_examples(folder: Path) -> None:
    """Write noise and gradients for each combination of subsampling and scans."""
    chance = Random(1)  # noqa: S311 - not a secret
    for sampling in range(len(_SAMPLINGS)):
        for scans in range(len(_SCANS)):
            head = bytes((40, 25, sampling, scans, chance.randrange(100), 0))
            name = f"{sampling}-{scans}"
            (folder / f"{name}-noise").write_bytes(head + chance.randbytes(4_000))
            (folder / f"{name}-gradient").write_bytes(head + bytes(range(256)) * 12)


def _samples(width: int, height: int, sampling: Sampling, data: bytes) -> Samples:
    """Return samples that repeat `data` as often as necessary."""
    bare = Samples(width, height, sampling, b"")
    across, down = bare.chroma_size
    count = width * height + 2 * across * down
    return Samples(width, height, sampling, (data * (count // len(data) + 1))[:count])


def _check(made: bytes, size: tuple[int, int]) -> None:
    with decode_planes(made, size, luma=size, chroma=(size[0] // 2, size[1] // 2)):
        pass
    image = Image.open(BytesIO(made))
    image.load()
    if image.size != size:
        raise Finding(f"{image.size} instead of {size}")


if __name__ == "__main__":
    fuzz(encode, draw_examples)
