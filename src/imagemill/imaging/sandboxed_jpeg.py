"""Decode a JPEG in the sandbox: choose the planes to ask for, and turn them into Pillow images."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging import fastjpeg
from imagemill.imaging.facts import Facts
from imagemill.imaging.fastjpeg import Planes, Reason, Refused, Samples
from imagemill.imaging.geometry import Box, Size
from imagemill.imaging.plan import Plan, stored_size
from imagemill.imaging.plane_sizes import plane_sizes
from imagemill.imaging.probing import Probed
from imagemill.imaging.regions import part_to_decode

SandboxOutcome = Literal["drawn", "not_asked"] | Reason

# CPU time of drawing from planes, ns, measured: per luma sample, per column of luma and row of the
# result, and per pixel of the result.
_DOWN_NS, _ACROSS_NS, _PIXEL_NS = 1.7, 1.0, 1.5
# The same where samples become RGB first.
_RGB_DOWN_NS, _RGB_ACROSS_NS = 2.3, 1.5
# The sandbox halves the planes up to so many times, while so many times the size of the result is
# left: levels.c.
_HALVINGS, _FINER = 3, 3
# Pillow's mode for the planes' pixel layout.
_MODES = {"L": "L", "RGBX": "RGB"}


@dataclass(frozen=True, slots=True)
class PlanesSource:
    """Planes in the sandbox as a `Source` to draw from."""

    planes: Planes
    part: Box

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

    def cost_ns(self, original: Size, part: Box, size: Size) -> float:
        """Return the CPU time that `resize` takes, ns."""
        columns = self.width * part.width / original.width
        rows = self.height * part.height / original.height
        made = _PIXEL_NS * size.width * size.height
        if self.planes.resizes_rgb:
            return columns * (_RGB_DOWN_NS * rows + _RGB_ACROSS_NS * size.height) + made
        for _ in range(_HALVINGS):
            if min(columns / size.width, rows / size.height) >= 2 * _FINER:
                columns, rows = columns / 2, rows / 2
        return columns * (_DOWN_NS * rows + _ACROSS_NS * size.height) + made

    def resize(self, original: Size, part: Box, size: Size) -> Image.Image:  # noqa: ARG002 - Source
        """Return `part`, in px of the original, at `size` px by LANCZOS; raises Refused."""
        wanted = (size.width, size.height)
        pixels = self.planes.resize((part.left, part.top, part.right, part.bottom), wanted)
        return Image.frombytes(self.mode, wanted, pixels, "raw", self.planes.mode)

    def draw_samples(self, part: Box, size: Size, orientation: int, *, has_narrow: bool) -> Samples:
        """Return `part`, in px of the original, as samples by LANCZOS; raises Refused.

        With `has_narrow` in the narrow range as well.
        """
        box = (part.left, part.top, part.right, part.bottom)
        wanted = (size.width, size.height)
        return self.planes.draw_samples(box, wanted, orientation, has_narrow=has_narrow)


def fits_sandbox(probed: Probed) -> bool:
    """Return True if the sandbox may decode the file: a grey or RGB JPEG."""
    is_candidate = probed.kind == "jpeg" and probed.image.mode in ("L", "RGB")
    return is_candidate and fastjpeg.is_available()


@contextmanager
def open_planes(data: bytes, probed: Probed, plans: Sequence[Plan]) -> Iterator[PlanesSource]:
    """Decode to planes fine enough for the plans; raises Refused if the sandbox does not decode.

    The planes are valid inside the `with` block only.
    """
    sizes, stored = plane_sizes(probed.facts, plans), stored_size(probed.facts)
    part = part_to_decode(probed.facts, plans)
    with fastjpeg.decode_planes(
        data,
        (stored.width, stored.height),
        luma=(sizes.luma.width, sizes.luma.height),
        chroma=(sizes.chroma.width, sizes.chroma.height),
        is_progressive=probed.facts.is_progressive,
        part=None if part.size == stored else (part.left, part.top, part.right, part.bottom),
    ) as planes:
        source = PlanesSource(planes, part)
        if source.mode != probed.image.mode:
            raise Refused("unsupported")
        yield source


def is_damaged(outcome: SandboxOutcome, data: bytes, facts: Facts) -> bool:
    """Return True if the coded data are damaged, for a file that libjpeg decoded.

    libjpeg fills damaged blocks without reporting it, so the sandbox looks for the damage.
    """
    if outcome in ("unsupported", "no_memory"):
        stored = stored_size(facts)
        return fastjpeg.find_damage(data, (stored.width, stored.height))
    return outcome == "damaged"
