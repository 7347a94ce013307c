"""Draw the gain map of an image like its renditions: cropped, resized, turned and edited."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.errors import ImageRejected
from imagemill.imaging.editing import edit
from imagemill.imaging.edits import NO_EDITS, Edits
from imagemill.imaging.encode_jpeg import encode_jpeg, make_samples
from imagemill.imaging.facts import Facts
from imagemill.imaging.fastjpeg import Part, Refused, Samples, is_available, resize_samples
from imagemill.imaging.gain_map_decoding import open_map
from imagemill.imaging.gain_maps.container import added_bytes, segments_of, with_gain_map
from imagemill.imaging.gain_maps.found import GainMap
from imagemill.imaging.geometry import Box, Size
from imagemill.imaging.limits import Limits
from imagemill.imaging.orientation import as_displayed, is_sideways
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import Plan
from imagemill.imaging.probing import Probed
from imagemill.imaging.still import Still, to_pixels

# Pixels of a rendition for one of its map on each side. For equal bytes a finer map of lower
# quality is at most a tenth nearer to the original, and takes more time.
_COARSER = 2
# Pixels on each side of an uncropped map for one of the cropped map.
_FINER = 2
# Qualities of the map's JPEG, and their bytes relative to the first. Measured.
_QUALITIES = {85: 1.4, 75: 1.0, 60: 0.72, 45: 0.57, 30: 0.42, 20: 0.33, 12: 0.25}
# The usual quality, and the highest of a map whose value 1 may stand for that many stops more.
_QUALITY, _STEEP_QUALITY, _STEEP = 75, 85, 4.0
# Bytes that an estimate may be wrong by, as a part.
_MARGIN = 1.05
# Most bytes of the map as a part of the rendition's, and bytes that it may have anyway: those of
# its metadata, and of a small image.
_SHARE, _ANYWAY_BYTES = 0.14, 2_000
# Effort of the map's encoder: a single scan, which every decoder of gain maps reads.
_EFFORT = 0


@dataclass(frozen=True, slots=True)
class DrawnMap:
    """The gain map of one rendition, not yet encoded."""

    still: Still
    plan: Plan
    """Plan of the map's own image."""
    gain_map: GainMap
    segments: bytes
    """Metadata of the map's own image."""

    def add_to(self, base: bytes) -> bytes:
        """Return a rendition with its map, or without it if it had more bytes than the original.

        The map's quality depends on the bytes that it may have.
        """
        image = self._encode_within(max(_ANYWAY_BYTES, round(_SHARE * len(base))))
        if len(base) + added_bytes(len(image), self.segments) > self.plan.most_bytes:
            return base
        return with_gain_map(base, image, self.segments)

    def _encode_within(self, most: int) -> bytes:
        """Return the map's image, which adds at most so many bytes if its lowest quality does."""
        image = self._encode(_QUALITY)
        room = (most - added_bytes(0, self.segments)) / len(image)
        is_steep = self.gain_map.metadata.steepness() > _STEEP
        better = _best_within(room / _MARGIN, _STEEP_QUALITY if is_steep else _QUALITY)
        if better == _QUALITY:
            return image
        for quality in (each for each in _QUALITIES if each <= better):
            image = self._encode(quality)
            if added_bytes(len(image), self.segments) <= most:
                break
        return image

    def _encode(self, quality: int) -> bytes:
        return encode_jpeg(self.still, self.plan, quality, OutputTags(is_tagged=False))


def draw_gain_maps(
    data: bytes, probed: Probed, plans: Sequence[Plan], limits: Limits, *, sandboxed: bool
) -> tuple[DrawnMap | None, ...]:
    """Return the map of each plan that keeps it, all from one decode; none if it is damaged."""
    kept = [plan for plan in plans if plan.keeps_gain_map]
    drawn: Iterator[DrawnMap] = iter(())
    with suppress(ImageRejected):
        drawn = iter(_draw(data, probed, kept, limits, sandboxed=sandboxed))
    return tuple(next(drawn, None) if plan.keeps_gain_map else None for plan in plans)


def _draw(
    data: bytes, probed: Probed, plans: Sequence[Plan], limits: Limits, *, sandboxed: bool
) -> list[DrawnMap]:
    """Return the map of each plan; raises an ImageRejected if it cannot be decoded."""
    gain_map = probed.gain_map
    if gain_map is None or not plans:
        return []
    source = open_map(data, gain_map, probed.facts, limits)
    shapes = [_Shape.of(plan, probed.facts, source.facts) for plan in plans]
    segments = segments_of(gain_map)
    images = source.draw([shape.whole_plan for shape in shapes], limits, sandboxed=sandboxed)
    return [
        DrawnMap(_finish(still, shape, gain_map), shape.whole_plan, gain_map, segments)
        for still, shape in zip(images, shapes, strict=True)
    ]


def _best_within(share: float, highest: int) -> int:
    """Return the best quality whose bytes are at most that share of those of the usual one."""
    fitting = (each for each, cost in _QUALITIES.items() if each <= highest and cost <= share)
    return next(fitting, min(_QUALITIES))


@dataclass(frozen=True, slots=True)
class _Shape:
    """The geometry of one map: sizes in px of the map, boxes in px of the original."""

    plan: Plan
    """That of the rendition."""
    shown: Size
    """The original as displayed."""
    size: Size
    """The map before mirroring and rotation, without padding."""
    whole_plan: Plan
    """Plan of the map before cropping, which may lie between its pixels."""

    @classmethod
    def of(cls, plan: Plan, facts: Facts, map_facts: Facts) -> "_Shape":
        """Return the geometry for a plan: half as fine as the rendition, or as the map is."""
        shown, own = Size(facts.width, facts.height), Size(map_facts.width, map_facts.height)
        size = Size(
            _coarse(plan.size.width, own.width * plan.crop.width / shown.width),
            _coarse(plan.size.height, own.height * plan.crop.height / shown.height),
        )
        whole = size
        if plan.crop.size != shown:
            whole = Size(
                min(own.width, -(-_FINER * size.width * shown.width // plan.crop.width)),
                min(own.height, -(-_FINER * size.height * shown.height // plan.crop.height)),
            )
        return cls(plan, shown, size, _map_plan(plan, own, whole))

    @property
    def is_sideways(self) -> bool:
        """True if the preset's rotation exchanges rows and columns."""
        return is_sideways(self.plan.edits.turn)

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the map for one of the rendition, on each side, after the rotation."""
        plan = self.plan
        across, down = self.size.width / plan.size.width, self.size.height / plan.size.height
        return (down, across) if self.is_sideways else (across, down)

    def part_of(self, still: Still) -> Part:
        """Return the part to keep of a map that was drawn whole and turned."""
        box = as_displayed(self.plan.crop, self.shown, self.plan.edits.turn)
        whole = self.shown.swapped if self.is_sideways else self.shown
        across, down = still.width / whole.width, still.height / whole.height
        return box.left * across, box.top * down, box.right * across, box.bottom * down


def _coarse(side: int, most: float) -> int:
    """Return the side of a map; at most as fine as it is in the file."""
    return max(1, min(-(-side // _COARSER), round(most)))


def _map_plan(plan: Plan, own: Size, size: Size) -> Plan:
    """Return the plan for the whole map at a size; it only turns."""
    return replace(
        plan,
        crop=Box(0, 0, own.width, own.height),
        size=size,
        effort=_EFFORT,
        keeps_codes=False,
        is_drawn=False,
        is_region=False,
        keeps_gain_map=False,
        edits=Edits(turn=plan.edits.turn),
    )


def _finish(still: Still, shape: _Shape, gain_map: GainMap) -> Still:
    """Crop the map, make its values fit the metadata, and edit it like the rendition."""
    edits = shape.plan.edits
    still = _cropped(still, shape)
    if gain_map.table:
        still = _through(still, gain_map.table)
    blur = edits.blur * min(shape.scale)
    still = edit(still, replace(NO_EDITS, tone=edits.tone, blur=blur))
    still = _padded(still, shape, gain_map)
    return make_samples(still, shape.whole_plan) if is_available() else still


def _cropped(still: Still, shape: _Shape) -> Still:
    if shape.plan.crop.size == shape.shown:
        return still
    part = shape.part_of(still)
    size = shape.size.swapped if shape.is_sideways else shape.size
    if isinstance(still, Samples):
        # Without memory for it in the sandbox Pillow does the same.
        with suppress(Refused):
            return resize_samples(still, part, (size.width, size.height))
    pixels = to_pixels(still)
    return pixels.resize((size.width, size.height), Image.Resampling.LANCZOS, box=part)


def _through(still: Still, table: bytes) -> Still:
    """Return a grey map with its values replaced."""
    if isinstance(still, Samples):
        luma = still.data[: still.width * still.height]
        return Samples(still.width, still.height, "grey", luma.translate(table))
    return still.convert("L").point(list(table))


def _padded(still: Still, shape: _Shape, gain_map: GainMap) -> Still:
    """Put the map on its canvas; padding gets no gain."""
    edits = shape.plan.edits
    if edits.canvas is None or edits.place is None:
        return still
    pixels, (across, down) = to_pixels(still), shape.scale
    neutral = [round(255 * value) for value in gain_map.metadata.neutral()]
    mode = "L" if pixels.mode == "L" and len(set(neutral)) == 1 else "RGB"
    width, height = edits.canvas.width * across, edits.canvas.height * down
    canvas = Image.new(
        mode,
        (max(1, round(width)), max(1, round(height))),
        neutral[0] if mode == "L" else tuple(neutral),
    )
    canvas.paste(
        pixels.convert(mode), (round(edits.place.left * across), round(edits.place.top * down))
    )
    return canvas
