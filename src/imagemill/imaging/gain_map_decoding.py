"""Decode a gain map, and resize and turn it: from its JPEG, or from its item in AVIF and HEIC."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from typing import Protocol

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.errors import CorruptImage, OverBudget
from imagemill.imaging import fastjpeg
from imagemill.imaging.colour import Conversion
from imagemill.imaging.decode import open_image, translating
from imagemill.imaging.decode_and_resize import decode_and_resize, resize_decoded
from imagemill.imaging.facts import Facts
from imagemill.imaging.fastjpeg import Refused
from imagemill.imaging.formats.isobmff import FULL_BOX_BYTES, find_meta
from imagemill.imaging.formats.jpeg_survey import survey_jpeg
from imagemill.imaging.gain_maps.found import GainMap
from imagemill.imaging.gain_maps.jpeg_images import segments
from imagemill.imaging.geometry import Box
from imagemill.imaging.limits import Limits, check_size
from imagemill.imaging.plan import Plan, size_at, stored_size
from imagemill.imaging.probing import open_probed
from imagemill.imaging.resize import resize
from imagemill.imaging.sandboxed_jpeg import PlanesSource
from imagemill.imaging.still import Still

# CPU time of a map's scans beyond that of usual files, seconds: costs.py does not know it.
_MOST_EXTRA_CPU_S = 0.1
# Segments of metadata: all but Adobe's colour transform, and comments.
_METADATA = frozenset((*range(0xE0, 0xEE), 0xEF, 0xFE))
# Samples to decode per px of the result on each side, as fractions, of luma and of chroma, of which
# the result has half. A block gives 1, 2, 4 or more samples a side: a tenth fewer than one per px
# often saves a third of the decoder's time, and the error of the gain stays the same.
_LUMA, _CHROMA = (3, 4), (1, 2)
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
    check_size(gain_map.width, gain_map.height, limits, gain_map.kind)
    if gain_map.kind == "jpeg":
        return _open_jpeg(data, gain_map, facts)
    decode = _from_heic if gain_map.kind == "heic" else _from_avif
    pixels = decode(data, gain_map.item)
    _check_mode(pixels.mode)
    own = Facts(gain_map.kind, gain_map.file_bytes, *pixels.size, mode=pixels.mode)
    return _ItemSource(pixels, _turned(own, facts))


@dataclass(frozen=True, slots=True)
class _JpegSource:
    """The JPEG of a map, which has not been opened yet."""

    image: bytes
    facts: Facts

    def draw(self, plans: Sequence[Plan], limits: Limits, *, sandboxed: bool) -> Sequence[Still]:
        if sandboxed and fastjpeg.is_available():
            # For a file that the sandbox refuses the reasons matter, which the library tells.
            with suppress(Refused):
                return self._draw_planes(plans)
        image = _without_metadata(self.image)
        opened = open_probed(image, limits, described=False)
        _check_mode(opened.image.mode)
        probed = replace(opened, facts=_turned(opened.facts, self.facts))
        decoded = decode_and_resize(image, probed, plans, limits, sandboxed=sandboxed)
        if decoded.is_damaged:
            raise CorruptImage("the gain map is damaged")
        return decoded.images

    def _draw_planes(self, plans: Sequence[Plan]) -> Sequence[Still]:
        """Return the map for each plan by the sandbox alone: opening it would take longer."""
        facts, stored = self.facts, stored_size(self.facts)
        luma, chroma = (size_at(facts, plans, samples) for samples in (_LUMA, _CHROMA))
        with fastjpeg.decode_planes(
            self.image,
            (stored.width, stored.height),
            luma=(luma.width, luma.height),
            chroma=(chroma.width, chroma.height),
            is_progressive=facts.is_progressive,
        ) as planes:
            source = PlanesSource(planes, Box(0, 0, stored.width, stored.height))
            return resize(source, facts, plans, Conversion(), sandboxed=True)


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


def _open_jpeg(data: bytes, gain_map: GainMap, facts: Facts) -> _JpegSource:
    image = data[gain_map.place.start : gain_map.place.end]
    survey = survey_jpeg(image)
    if survey.extra_cpu_s > _MOST_EXTRA_CPU_S:
        raise OverBudget("the gain map has too many scans")
    size = (gain_map.width, gain_map.height)
    own = Facts("jpeg", len(image), *size, is_progressive=survey.is_buffered)
    return _JpegSource(image, _turned(own, facts))


def _without_metadata(image: bytes) -> bytes:
    """Return the map's JPEG without metadata, which say nothing about its pixels."""
    at = 2
    parts = [image[:at]]
    for marker, start, end in segments(image, 0):
        if marker not in _METADATA:
            parts.append(image[start - 4 : end])
        at = end
    return b"".join([*parts, image[at:]])


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
