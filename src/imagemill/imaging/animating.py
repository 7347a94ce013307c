"""Encode the animated renditions of one image.

The frames are decoded one by one. Each is resized and encoded at once, so neither the frames of the
original nor those of the renditions are ever all in memory.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging.animation import Animating, Animations, Frame, frames
from imagemill.imaging.apng_encoder import ApngEncoder
from imagemill.imaging.decode_and_resize import resize_decoded
from imagemill.imaging.editing import edit
from imagemill.imaging.encode_png import png_level
from imagemill.imaging.fit_bytes import LOWER_QUALITIES
from imagemill.imaging.gif_encoder import GifEncoder
from imagemill.imaging.plan import Plan
from imagemill.imaging.still import Still, to_pixels
from imagemill.imaging.thinning import is_shown
from imagemill.imaging.webp_encoder import Settings, WebpEncoder

# zlib's level without an effort, and for an animation that must not grow.
_APNG_LEVEL, _HIGHEST_LEVEL = 6, 9


class Encoder(Protocol):
    """Encoder of an animation that takes the frames one by one."""

    def add(self, pixels: Image.Image, duration_ms: int) -> None:
        """Add the next frame: L, LA, RGB or RGBA."""

    def finish(self, most_bytes: int | None = None) -> bytes:
        """Return the file; without the colour tag if only that makes it fit into `most_bytes`."""


@dataclass(frozen=True, slots=True)
class _Played:
    """Number of frames that could be decoded, and whether anything was missing."""

    frames: int
    is_damaged: bool


@dataclass(slots=True)
class _Waiting:
    """The images of one frame, one for each encoder, that wait until their duration is known."""

    encoders: Sequence[Encoder]
    images: Sequence[Image.Image] = ()
    duration_ms: int = 0

    def encode(self, following: Sequence[Image.Image]) -> None:
        """Encode the images, and wait with those of the next frame."""
        if self.images:
            for encoder, pixels in zip(self.encoders, self.images, strict=True):
                encoder.add(pixels, self.duration_ms)
        self.images, self.duration_ms = following, 0


def animate(job: Animating, plans: Sequence[Plan]) -> Animations:
    """Return the animations; None for a plan if only one frame can be decoded.

    A rendition of the original's size is a copy of the original without metadata if every viewer
    composes its frames alike and none is damaged. The frames of a copy are decoded too, to find
    damage.
    """
    moving = {index: plan for index, plan in enumerate(plans) if plan.animate}
    facts = job.probed.facts
    copies = {index: _copied(job, plan) for index, plan in moving.items()}
    is_copied = facts.is_plainly_composed and not facts.is_cut
    encoders = {
        index: make_encoder(job, plan, plan.quality, job.drawn.images[index])
        for index, plan in moving.items()
        if not (is_copied and copies[index])
    }
    played = _play(job, [moving[index] for index in encoders], encoders.values())
    if played.is_damaged and len(encoders) < len(moving):
        return animate(replace(job, copy=None), plans)
    files: list[bytes | None] = [None] * len(plans)
    for index, plan in moving.items() if played.frames > 1 else ():
        copy = copies[index]
        most_bytes = plan.most_bytes if plan.must_not_grow else None
        made = encoders[index].finish(most_bytes) if index in encoders else copy
        files[index] = _within(job, plan, made, copy) if made else None
    return Animations(tuple(files), played.is_damaged)


def make_encoder(job: Animating, plan: Plan, quality: int, still: Still) -> Encoder:
    """Return the encoder for one plan; viewers without animation support show `still`."""
    facts = job.probed.facts
    size = (plan.final_size.width, plan.final_size.height)
    mode = "RGBA" if plan.keep_alpha else "RGB"
    if plan.format == "gif":
        return GifEncoder(size, plan.frames, facts.loops)
    if plan.format == "webp":
        settings = Settings(quality, plan.effort)
        return WebpEncoder(size, facts.loops, settings, job.tags, mode)
    if plan.format == "avif":
        # Imported here because few animations are AVIF, and its libraries are large.
        from imagemill.imaging.avif_encoder import AvifEncoder  # noqa: PLC0415

        settings = Settings(quality, plan.effort)
        tags = job.tags.suited(keeps_codes=plan.keeps_codes)
        return AvifEncoder(size, facts.loops, settings, tags, mode)
    if plan.format == "jxl":
        # Imported here because few animations are JPEG XL.
        from imagemill.imaging.jxl_encoder import JxlEncoder, coding_of  # noqa: PLC0415

        coding = coding_of(size, mode, quality, plan.effort, job.tags)
        return JxlEncoder(coding, facts.loops)
    animation = job.probed.animation
    level = _APNG_LEVEL if plan.effort is None else png_level(plan.effort)
    level = _HIGHEST_LEVEL if plan.must_not_grow else level
    tags = job.tags.suited(keeps_codes=plan.keeps_codes)
    encoder = ApngEncoder(facts.loops, tags, mode, level)
    if animation and animation.has_poster:
        encoder.put_poster(_edited(still, plan))
    return encoder


def _play(job: Animating, plans: Sequence[Plan], encoders: Iterable[Encoder]) -> _Played:
    """Decode the frames, and resize and pass each to the encoder of every plan.

    The time of frames that are left out is added to the frame before, so the speed stays.
    """
    facts = job.probed.facts
    count, is_damaged = 0, False
    waiting = _Waiting(tuple(encoders))
    for frame in frames(job.data, job.probed):
        if plans and is_shown(count, facts.frames, plans[0].frames):
            waiting.encode(_draw(job, plans, frame))
        waiting.duration_ms += frame.duration_ms
        count += 1
        is_damaged = is_damaged or frame.is_damaged
    waiting.encode(())
    return _Played(count, is_damaged or count < facts.frames)


def _draw(job: Animating, plans: Sequence[Plan], frame: Frame) -> tuple[Image.Image, ...]:
    """Return one frame as the image of each plan."""
    facts, conversion = job.probed.facts, job.drawn.conversion
    images = resize_decoded(frame.pixels, facts, plans, conversion, sandboxed=job.sandboxed)
    return tuple(_edited(still, plan) for still, plan in zip(images, plans, strict=True))


def _edited(still: Still, plan: Plan) -> Image.Image:
    return to_pixels(edit(still, plan.edits))


def _copied(job: Animating, plan: Plan) -> bytes | None:
    """Return the original without metadata; None if it cannot be copied or has too many bytes."""
    if job.copy is None or not plan.may_copy:
        return None
    copy = job.copy(job.tags)
    if copy is not None and len(copy) > plan.most_bytes:
        copy = job.copy(replace(job.tags, is_tagged=False))
    return copy if copy is not None and len(copy) <= plan.most_bytes else None


def _within(job: Animating, plan: Plan, made: bytes, copy: bytes | None) -> bytes:
    """Return the animation; if it must not grow, a copy or a lower quality that fits."""
    if not plan.must_not_grow or len(made) <= plan.most_bytes:
        return made
    if copy is not None:
        return copy
    bare = replace(job, tags=replace(job.tags, is_tagged=False))
    for quality in LOWER_QUALITIES if plan.format in ("webp", "avif", "jxl") else ():
        if len(made) > plan.most_bytes and quality < plan.quality:
            encoder = make_encoder(bare, plan, quality, job.drawn.images[0])
            _play(bare, [plan], [encoder])
            made = min(made, encoder.finish(), key=len)
    return made
