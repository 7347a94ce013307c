"""Encode planes of samples as a JPEG: baseline or progressive, with the best Huffman tables."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from .sandbox import Refused, Sandbox, give_back, take

# Grey; YCbCr with chroma of half the width and height; YCbCr with all its chroma.
Sampling = Literal["grey", "4:2:0", "4:4:4"]
# The scans of a file: one; bands of frequencies; or bands, and bits of their coefficients apart.
# The last two are progressive: spectral selection and successive approximation in T.81, G.1.1.
Scans = Literal["single", "spectral", "successive"]

# Numbers of these in encoder.h: enum Script.
_SCRIPTS: dict[Scans, int] = {"single": 0, "spectral": 1, "successive": 2}

# Number of components of each, and whether chroma is halved.
COMPONENTS: dict[Sampling, tuple[int, bool]] = {
    "grey": (1, False),
    "4:2:0": (3, True),
    "4:4:4": (3, False),
}
# Instructions granted to encoding: a fixed part and a part per pixel, four times the need of noise
# at quality 100 and 4:4:4. Measured.
_FIXED_FUEL, _FUEL_PER_PIXEL = 20_000_000, 3_000


@dataclass(frozen=True, slots=True)
class Samples:
    """The planes of an image, as T.871 defines them: Y, Cb and Cr, or only Y.

    `data` has the planes one after another, row by row without padding. With 4:2:0 the chroma
    planes have half of width and height, rounded up. `narrow` has the same in the narrow range of
    video, luma from 16 to 235 and chroma from 16 to 240, if that was asked for.
    """

    width: int
    height: int
    sampling: Sampling
    data: bytes
    narrow: bytes | None = None

    @property
    def chroma_size(self) -> tuple[int, int]:
        """Width and height of the chroma planes, samples."""
        return _chroma_size(self.width, self.height, self.sampling)


def samples_of_pixels(
    width: int, height: int, bands: Iterable[bytes | memoryview], sampling: Sampling
) -> Samples:
    """Convert RGBX pixels, four bytes each of which the last is ignored, to samples.

    `bands` are the rows from top to bottom, an even number in each but the last. Chroma of 4:2:0 is
    the mean of two by two pixels. Raises Refused if the sandbox has too little memory.
    """
    sandbox = take(_FIXED_FUEL + _FUEL_PER_PIXEL * width * height)
    at = sandbox.call("reserve_planes", width, height, *COMPONENTS[sampling])
    _send(sandbox, "add_band", (width, height), bands)
    data = sandbox.read(at, count_samples(width, height, sampling))
    give_back(sandbox)
    return Samples(width, height, sampling, data)


def samples_of_same_luminance(
    width: int, height: int, bands: Callable[[], Iterable[bytes | memoryview]]
) -> Samples:
    """Convert RGBX pixels to samples with 4:2:0, whose luma makes up for the chroma that is lost.

    Where colours meet, decoded pixels keep their luminance. `bands` is called twice; the rest is as
    for `samples_of_pixels`.
    """
    sandbox = take(_FIXED_FUEL + _FUEL_PER_PIXEL * width * height)
    at = sandbox.call("reserve_planes", width, height, *COMPONENTS["4:2:0"])
    _send(sandbox, "add_band", (width, height), bands())
    _send(sandbox, "correct_band", (width, height), bands())
    data = sandbox.read(at, count_samples(width, height, "4:2:0"))
    give_back(sandbox)
    return Samples(width, height, "4:2:0", data)


def _send(
    sandbox: Sandbox, name: str, size: tuple[int, int], bands: Iterable[bytes | memoryview]
) -> None:
    """Pass all rows of pixels to a function of the sandbox, in bands; raises Refused."""
    width, height = size
    first, reserved, to = 0, 0, 0
    for band in bands:
        if len(band) > reserved:
            reserved, to = len(band), sandbox.call("reserve_band", len(band))
        rows = len(band) // (4 * width)
        sandbox.write(to, band)
        if sandbox.call(name, to, first, rows):
            raise Refused("unsupported")
        first += rows
    if first != height:
        # The other rows would hold samples of an earlier image.
        raise Refused("unsupported")


def encode_samples(samples: Samples, quality: int, scans: Scans) -> bytes:
    """Return a JPEG at `quality` from 1 to 100, which means the same as in libjpeg.

    It starts with SOI and a JFIF segment of 18 bytes and has no other metadata. Raises Refused if
    it needs too much memory.
    """
    width, height = samples.width, samples.height
    if len(samples.data) != count_samples(width, height, samples.sampling):
        raise Refused("unsupported")
    sandbox = take(_FIXED_FUEL + _FUEL_PER_PIXEL * width * height)
    at = sandbox.call("reserve_planes", width, height, *COMPONENTS[samples.sampling])
    sandbox.write(at, samples.data)
    at = sandbox.call("encode", quality, _SCRIPTS[scans])
    data = sandbox.read(at, sandbox.call("encoded_bytes"))
    give_back(sandbox)
    return data


def count_samples(width: int, height: int, sampling: Sampling) -> int:
    """Return the number of samples of all planes."""
    across, down = _chroma_size(width, height, sampling)
    return width * height + 2 * across * down


def _chroma_size(width: int, height: int, sampling: Sampling) -> tuple[int, int]:
    if sampling == "grey":
        return (0, 0)
    return ((width + 1) // 2, (height + 1) // 2) if sampling == "4:2:0" else (width, height)
