"""Decode a gain map, and resize and turn it: from its JPEG, or from its item in AVIF and HEIC."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Protocol

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.errors import CorruptImage, OverBudget
from imagemill.imaging.colour import Conversion
from imagemill.imaging.decode import open_image, translating
from imagemill.imaging.decode_and_resize import decode_and_resize, resize_decoded
from imagemill.imaging.facts import Facts
from imagemill.imaging.formats.isobmff import FULL_BOX_BYTES, find_meta
from imagemill.imaging.gain_maps.found import GainMap
from imagemill.imaging.gain_maps.jpeg_images import ImagePlace, segments
from imagemill.imaging.limits import Limits, check_size
from imagemill.imaging.plan import Plan, stored_size
from imagemill.imaging.probing import Probed, open_probed
from imagemill.imaging.still import Still

# CPU time of a map's scans beyond that of usual files, seconds: costs.py does not know it.
_MOST_EXTRA_CPU_S = 0.1
# Segments of metadata: all but Adobe's colour transform, and comments.
_METADATA = frozenset((*range(0xE0, 0xEE), 0xEF, 0xFE))
# Modes of gain maps.
_MODES = frozenset(("L", "RGB"))


class MapSource(Protocol):
    """A gain map to draw from."""

    @property
    def facts(self) -> Facts:
        """The facts about the map, which is turned like the image."""

    def draw(self, plans: Sequence[Plan], limits: Limits, *, sandboxed: bool) -> Sequence[Still]:
        """Return the map for each plan; raises an ImageRejected if it cannot be decoded."""


def open_map(data: bytes, gain_map: GainMap, facts: Facts, limits: Limits) -> MapSource:
    """Return the gain map of a file, whose own image has these `facts`.

    Raises an ImageRejected if the map is damaged or over the limits.
    """
    if gain_map.kind == "jpeg":
        return _open_jpeg(data, gain_map.place, facts, limits)
    check_size(gain_map.width, gain_map.height, limits, gain_map.kind)
    decode = _from_heic if gain_map.kind == "heic" else _from_avif
    pixels = decode(data, gain_map.item)
    _check_mode(pixels.mode)
    own = Facts(gain_map.kind, gain_map.file_bytes, *pixels.size, mode=pixels.mode)
    return _ItemSource(pixels, _turned(own, facts))


@dataclass(frozen=True, slots=True)
class _JpegSource:
    """The JPEG of a map, without metadata."""

    image: bytes
    probed: Probed

    @property
    def facts(self) -> Facts:
        return self.probed.facts

    def draw(self, plans: Sequence[Plan], limits: Limits, *, sandboxed: bool) -> Sequence[Still]:
        decoded = decode_and_resize(self.image, self.probed, plans, limits, sandboxed=sandboxed)
        if decoded.is_damaged:
            raise CorruptImage("the gain map is damaged")
        return decoded.images


@dataclass(frozen=True, slots=True)
class _ItemSource:
    """The pixels of a map."""

    pixels: Image.Image
    facts: Facts

    def draw(
        self,
        plans: Sequence[Plan],
        limits: Limits,  # noqa: ARG002 - MapSource; they have been checked
        *,
        sandboxed: bool,
    ) -> Sequence[Still]:
        return resize_decoded(self.pixels, self.facts, plans, Conversion(), sandboxed=sandboxed)


def _open_jpeg(data: bytes, place: ImagePlace, facts: Facts, limits: Limits) -> _JpegSource:
    image = _without_metadata(data, place)
    opened = open_probed(image, limits, described=False)
    _check_mode(opened.image.mode)
    if opened.facts.extra_cpu_s > _MOST_EXTRA_CPU_S:
        raise OverBudget("the gain map has too many scans")
    return _JpegSource(image, replace(opened, facts=_turned(opened.facts, facts)))


def _without_metadata(data: bytes, place: ImagePlace) -> bytes:
    """Return the map's JPEG without metadata, which say nothing about its pixels."""
    at = place.start + 2
    parts = [data[place.start : at]]
    for marker, start, end in segments(data, place.start):
        if marker not in _METADATA:
            parts.append(data[start - 4 : end])
        at = end
    return b"".join([*parts, data[at : place.end]])


def _turned(own: Facts, facts: Facts) -> Facts:
    """Return the facts about the map with the orientation of the image."""
    stored = stored_size(own)
    shown = stored.swapped if facts.is_sideways else stored
    return replace(own, width=shown.width, height=shown.height, orientation=facts.orientation)


def _check_mode(mode: str) -> None:
    if mode not in _MODES:
        raise CorruptImage("the gain map is neither grey nor RGB")


def _from_heic(data: bytes, item: int) -> Image.Image:
    """Return the pixels, turned upright by the decoder like the image itself."""
    # Imported here because it is an extra.
    import pillow_heif  # noqa: PLC0415

    with translating("heic"):
        opened = pillow_heif.open_heif(BytesIO(data))
        found = opened.get_aux_image(item)  # type: ignore[no-untyped-call]
        pixels = bytes(found.data)
        return Image.frombytes(found.mode, found.size, pixels, "raw", found.mode, found.stride)


def _from_avif(data: bytes, item: int) -> Image.Image:
    image = open_image(_with_primary(data, item), "avif")
    with translating("avif"):
        image.load()
    return image


def _with_primary(data: bytes, item: int) -> bytes:
    """Return the file with another primary image, which is the one that is decoded."""
    start, _ = find_meta(data)[b"pitm"]
    at = start + FULL_BOX_BYTES
    width = 4 if data[start] else 2
    return data[:at] + item.to_bytes(width, "big") + data[at + width :]
