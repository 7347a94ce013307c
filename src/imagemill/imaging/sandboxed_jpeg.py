"""Decode a JPEG in the sandbox: choose the planes to ask for, and turn them into Pillow images."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from imagemill.imaging import fastjpeg
from imagemill.imaging.facts import Facts
from imagemill.imaging.fastjpeg import Planes, Reason, Refused
from imagemill.imaging.plan import Box, Plan, Size, size_to_decode, stored_size
from imagemill.imaging.probing import Probed

SandboxOutcome = Literal["drawn", "not_asked"] | Reason

# Luma to ask for, as a fraction of the size that a library would be asked for (which can only
# halve, hence twice the output): 1.6 samples per output px.
_LUMA = (4, 5)
# The same where that would give one sample per block: 2.7 samples per output px, because the means
# of blocks blur.
_LUMA_OF_MEANS, _BLOCK = (4, 3), 8
# Chroma to ask for: nearly as fine as the luma, or half a sample per output px where every
# rendition is a JPEG, whose encoder halves the chroma anyway.
_CHROMA, _SUBSAMPLED_CHROMA = (3, 4), (1, 4)
# Samples that the sandbox resamples in the time that Pillow takes for one pixel. Measured.
_SAMPLES_PER_PILLOW_PIXEL = 9
# Pillow's mode for the planes' pixel layout.
_MODES = {"L": "L", "RGBX": "RGB"}


@dataclass(frozen=True, slots=True)
class PlanesSource:
    """Planes in the sandbox as a `Source` to draw from."""

    planes: Planes

    @property
    def width(self) -> float:
        """Width in luma samples, possibly a fraction."""
        return self.planes.width

    @property
    def height(self) -> float:
        """Height in luma samples, possibly a fraction."""
        return self.planes.height

    @property
    def mode(self) -> str:
        """Pillow's mode of the images that `resize` returns: L or RGB."""
        return _MODES[self.planes.mode]

    @property
    def cost(self) -> float:
        """Time of drawing from it, as the number of pixels that Pillow resamples in that time."""
        return self.width * self.height / _SAMPLES_PER_PILLOW_PIXEL

    def resize(self, original: Size, part: Box, size: Size) -> Image.Image:  # noqa: ARG002 - Source
        """Return `part`, in px of the original, at `size` px by LANCZOS; raises Refused."""
        wanted = (size.width, size.height)
        pixels = self.planes.resize((part.left, part.top, part.right, part.bottom), wanted)
        return Image.frombytes(self.mode, wanted, pixels, "raw", self.planes.mode)


def fits_sandbox(probed: Probed, plans: Sequence[Plan]) -> bool:
    """Return True if the sandbox may decode the file: a grey or RGB JPEG, made much smaller."""
    stored = stored_size(probed.facts)
    luma = _luma_wanted(size_to_decode(probed.facts, plans), stored)
    is_candidate = probed.kind == "jpeg" and probed.image.mode in ("L", "RGB")
    return (
        is_candidate
        and fastjpeg.can_reduce((stored.width, stored.height), (luma.width, luma.height))
        and fastjpeg.is_available()
    )


@contextmanager
def open_planes(data: bytes, probed: Probed, plans: Sequence[Plan]) -> Iterator[PlanesSource]:
    """Decode to planes fine enough for the plans; raises Refused if the sandbox does not decode.

    The planes are valid inside the `with` block only.
    """
    needed, stored = size_to_decode(probed.facts, plans), stored_size(probed.facts)
    is_subsampled = all(plan.format == "jpeg" for plan in plans)
    luma = _luma_wanted(needed, stored)
    chroma = _part(needed, *(_SUBSAMPLED_CHROMA if is_subsampled else _CHROMA))
    with fastjpeg.decode_planes(
        data,
        (stored.width, stored.height),
        luma=(luma.width, luma.height),
        chroma=(chroma.width, chroma.height),
    ) as planes:
        source = PlanesSource(planes)
        if source.mode != probed.image.mode:
            raise Refused("unsupported")
        yield source


def is_damaged(outcome: SandboxOutcome, data: bytes, facts: Facts) -> bool:
    """Return True if the coded data are damaged, for a file that libjpeg decoded.

    libjpeg fills damaged blocks without reporting it, so the sandbox looks for the damage.
    """
    if outcome in ("too_small", "unsupported"):
        stored = stored_size(facts)
        return fastjpeg.find_damage(data, (stored.width, stored.height))
    return outcome == "damaged"


def _luma_wanted(needed: Size, stored: Size) -> Size:
    """Return the luma size to ask for; larger where one sample per block would be enough."""
    least = _part(needed, *_LUMA)
    is_of_means = least.width * _BLOCK <= stored.width and least.height * _BLOCK <= stored.height
    return _part(needed, *_LUMA_OF_MEANS) if is_of_means else least


def _part(size: Size, numerator: int, denominator: int) -> Size:
    """Return the size times numerator / denominator, rounded up."""
    return Size(
        -(-size.width * numerator // denominator), -(-size.height * numerator // denominator)
    )
