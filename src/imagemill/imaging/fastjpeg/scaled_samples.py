"""Resize the samples of a JPEG that has been drawn, plane by plane."""

from collections.abc import Iterator
from typing import NamedTuple

from .encoder import Samples
from .pixels import Part, pixel_resizer
from .planes import Size


class _Plane(NamedTuple):
    """One plane, the part of it to resize, in its own samples, and the result's size."""

    data: memoryview
    size: Size
    part: Part
    wanted: Size
    is_chroma: bool = False


def resize_samples(
    samples: Samples, part: Part, wanted: Size, *, has_narrow: bool = False
) -> Samples:
    """Return a part of samples at `wanted` px, by a Lanczos filter and with the same sampling.

    `part` is in px of the samples' image. With `has_narrow` they are made in the narrow range as
    well. Raises Refused if the sandbox has too little memory.
    """
    made = [_resize(plane, has_narrow=has_narrow) for plane in _planes(samples, part, wanted)]
    data, narrow = (b"".join(planes) for planes in zip(*made, strict=True))
    return Samples(*wanted, samples.sampling, data, narrow if has_narrow else None)


def _planes(samples: Samples, part: Part, wanted: Size) -> Iterator[_Plane]:
    data, (width, height) = memoryview(samples.data), (samples.width, samples.height)
    yield _Plane(data[: width * height], (width, height), part, wanted)
    if samples.sampling == "grey":
        return
    across, down = samples.chroma_size
    halves = (across, down) != (width, height)
    made = ((wanted[0] + 1) // 2, (wanted[1] + 1) // 2) if halves else wanted
    chroma = _chroma_part(part, wanted, made) if halves else part
    for at in (width * height, width * height + across * down):
        yield _Plane(data[at : at + across * down], (across, down), chroma, made, is_chroma=True)


def _chroma_part(part: Part, wanted: Size, made: Size) -> Part:
    """Return the part in chroma samples, each of which stands for two by two px.

    Where the result has an odd side, its last sample stands for one px more than there is.
    """
    left, top = part[0] / 2, part[1] / 2
    width = (part[2] - part[0]) * made[0] / wanted[0]
    height = (part[3] - part[1]) * made[1] / wanted[1]
    return (left, top, left + width, top + height)


def _resize(plane: _Plane, *, has_narrow: bool) -> tuple[bytes, bytes]:
    """Return the resized plane in the full range, and in the narrow one if that is asked for."""
    width, height = plane.size
    with pixel_resizer(plane.size, 1, plane.part, plane.wanted) as resizer:
        if has_narrow:
            resizer.begin_narrow(is_chroma=plane.is_chroma)
        for top in range(0, height, resizer.band_rows):
            resizer.add(plane.data[top * width : min(top + resizer.band_rows, height) * width])
        return bytes(resizer.pixels()), bytes(resizer.narrow()) if has_narrow else b""
