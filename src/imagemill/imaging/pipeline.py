"""Render every rendition of one image. `_STEPS` lists what happens, in order."""

from collections.abc import Callable
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING

from imagemill.dataclass import dataclass
from imagemill.imaging import placeholder
from imagemill.imaging.animation import Animating, Animations
from imagemill.imaging.colour import without_copy
from imagemill.imaging.costs import check_costs_of_gain_map
from imagemill.imaging.decode_and_resize import Decoded, decode_and_resize
from imagemill.imaging.drawing import suited
from imagemill.imaging.encode_jpeg import make_samples
from imagemill.imaging.facts import Facts
from imagemill.imaging.fastjpeg import is_available
from imagemill.imaging.fit_bytes import PACKET_BYTES, Copy, fit_bytes, fit_encoded
from imagemill.imaging.limits import DEFAULT_LIMITS, Limits
from imagemill.imaging.malloc import keep_freed_memory, make_room
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.output_tags import OutputTags, tags_of
from imagemill.imaging.plan import Plan, make_plans, settle
from imagemill.imaging.probing import Probed, open_probed
from imagemill.imaging.rendered import Rendered, Rendition
from imagemill.imaging.sandboxed_jpeg import fits_sandbox
from imagemill.imaging.sandboxed_png import fits_png_sandbox
from imagemill.imaging.still import Still, is_opaque, without_opaque_alpha
from imagemill.imaging.strip_metadata import without_metadata
from imagemill.recipe import Recipe

if TYPE_CHECKING:
    from imagemill.imaging.gain_map_drawing import DrawnMap


@dataclass(slots=True)
class _Job:
    """The arguments of one `render` call, then the result of each step; a still for each plan."""

    data: bytes
    recipe: Recipe
    limits: Limits
    sandboxed: bool
    described: bool

    probed: Probed = field(init=False)
    plans: tuple[Plan, ...] = field(init=False)
    drawn: Decoded = field(init=False)
    stills: tuple[Still, ...] = field(init=False)
    tags: OutputTags = field(init=False)
    copy: Copy | None = field(init=False)
    """Function that copies the original without metadata; None if its pixels cannot be reused."""
    encoded: tuple[bytes | None, ...] = ()
    """For each plan the file at its quality, if that was chosen for a score."""
    gain_maps: "tuple[DrawnMap | None, ...]" = ()
    is_gain_map_ignored: bool = False
    animations: Animations = field(init=False)
    renditions: tuple[Rendition, ...] = field(init=False)
    placeholder: str = ""
    colour: str = ""
    warnings: tuple[str, ...] = field(init=False)

    @property
    def facts(self) -> Facts:
        return self.probed.facts

    @property
    def is_damaged(self) -> bool:
        return self.drawn.is_damaged or self.animations.is_damaged or self.facts.is_cut


def render(
    data: bytes,
    recipe: Recipe,
    limits: Limits = DEFAULT_LIMITS,
    *,
    sandboxed: bool = True,
    described: bool = True,
) -> Rendered:
    """Make every rendition of `recipe` from one decode of `data`.

    Where wasmtime is installed JPEG and PNG are decoded in a sandbox, unless `sandboxed` is false
    or the file needs a library. Unless `described`, the result lacks placeholder, colour, facts
    about the camera and the warning `hdr`, a tenth of the time of a small rendition. The same
    bytes, recipe and library versions give the same bytes. Safe to call from several threads.
    Raises only subclasses of ImageRejected, for any `data`.
    """
    keep_freed_memory()
    job = _Job(data, recipe, limits, sandboxed, described)
    for step in _STEPS:
        step(job)
    return Rendered(
        job.facts, job.renditions, job.warnings, job.placeholder, job.colour, job.drawn.sandbox
    )


def _probe(job: _Job) -> None:
    """Read the header and check the limits on bytes, pixels and sides."""
    job.probed = open_probed(job.data, job.limits, described=job.described)
    if job.probed.preview is not None:
        job.data = job.probed.preview


def _plan(job: _Job) -> None:
    """Plan each rendition; of an animation over the limits frames are left out."""
    job.plans = make_plans(job.facts, job.recipe)
    if not any(plan.animate for plan in job.plans):
        return
    # Imported here because few images are animated and a cold start need not load it.
    from imagemill.imaging.thinning import fewer_frames  # noqa: PLC0415

    thinned = fewer_frames(job.facts, job.plans, job.limits)
    job.plans = thinned or make_plans(job.facts, job.recipe, animate=False)


def _check_costs(job: _Job) -> None:
    """Reject an image whose estimated memory or CPU time exceeds the limits; make room for it."""
    sandboxed = job.sandboxed and (fits_sandbox(job.probed) or fits_png_sandbox(job.probed))
    planned = job.plans
    job.plans = check_costs_of_gain_map(job.facts, planned, job.limits, sandboxed=sandboxed)
    job.is_gain_map_ignored = job.plans != planned
    needed = estimate_memory(job.facts, job.plans, sandboxed=sandboxed)
    make_room(needed, job.limits.max_memory_bytes)


def _decode_and_resize(job: _Job) -> None:
    """Decode once and make the small image of each plan: upright, in sRGB."""
    job.drawn = decode_and_resize(
        job.data, job.probed, job.plans, job.limits, sandboxed=job.sandboxed
    )


def _drop_opaque_alpha(job: _Job) -> None:
    """Remove alpha channels that are opaque everywhere: JPEG becomes possible, files smaller."""
    job.stills = tuple(map(without_opaque_alpha, job.drawn.images))


def _edit(job: _Job) -> None:
    """Apply the presets' other options: background, padding, tone, blur and sharpening."""
    if all(plan.edits.keep_values for plan in job.plans):
        return
    # Imported here because most presets only crop and resize.
    from imagemill.imaging.editing import edit  # noqa: PLC0415

    job.stills = tuple(
        edit(still, plan.edits) for still, plan in zip(job.stills, job.plans, strict=True)
    )


def _prepare_metadata(job: _Job) -> None:
    """Choose the metadata of the renditions, and whether the original's own data can be reused."""
    facts = job.facts
    job.tags = tags_of(facts)
    job.plans = tuple(without_copy(plan, job.drawn.conversion, facts) for plan in job.plans)
    job.copy = None if job.drawn.is_damaged else partial(without_metadata, job.data, facts)


def _settle_formats(job: _Job) -> None:
    """Decide by the pixels where JPEG or PNG depends on them; the plans are final afterwards."""
    for_pixels = (
        settle(plan, job.facts, is_opaque=is_opaque(still))
        for plan, still in zip(job.plans, job.stills, strict=True)
    )
    job.plans = tuple(
        suited(plan, still, job.tags, sandboxed=job.sandboxed)
        for plan, still in zip(for_pixels, job.stills, strict=True)
    )


def _choose_qualities(job: _Job) -> None:
    """Choose the quality of each still rendition that has to reach a score."""
    job.encoded = (None,) * len(job.plans)
    if all(plan.target is None for plan in job.plans):
        return
    # Imported here because few presets name a score and a cold start need not load it.
    from imagemill.imaging.auto_quality import choose_qualities  # noqa: PLC0415

    tags = [job.tags.of(plan, job.drawn.conversion.kept) for plan in job.plans]
    chosen = choose_qualities(job.stills, job.plans, tags, sandboxed=job.sandboxed)
    job.plans, job.stills, job.encoded = chosen


def _make_samples(job: _Job) -> None:
    """Convert images that become JPEG to YCbCr, for the encoder in the sandbox."""
    if not job.sandboxed or not is_available():
        return
    job.stills = tuple(
        make_samples(still, plan) if plan.format == "jpeg" else still
        for plan, still in zip(job.plans, job.stills, strict=True)
    )


def _draw_gain_maps(job: _Job) -> None:
    """Draw the gain map of each rendition that keeps it; a damaged one is left out."""
    job.gain_maps = (None,) * len(job.plans)
    if not any(plan.keeps_gain_map for plan in job.plans):
        return
    # Imported here because few images have a gain map.
    from imagemill.imaging.gain_map_drawing import draw_gain_maps  # noqa: PLC0415

    job.gain_maps = draw_gain_maps(
        job.data, job.probed, job.plans, job.limits, sandboxed=job.sandboxed
    )
    job.is_gain_map_ignored = not any(job.gain_maps)


def _encode_animations(job: _Job) -> None:
    """Encode the renditions that move; none if the first frame is damaged already."""
    job.animations = Animations((None,) * len(job.plans))
    if job.drawn.is_damaged or not any(plan.animate for plan in job.plans):
        return
    # Imported here because few images are animated and a cold start need not load it.
    from imagemill.imaging.animating import animate  # noqa: PLC0415

    job.animations = animate(
        Animating(job.data, job.probed, job.drawn, job.tags, job.copy, job.sandboxed), job.plans
    )


def _encode_renditions(job: _Job) -> None:
    """Encode the still images, and collect all renditions in the order of the plans."""
    job.renditions = tuple(_encode(job, number) for number in range(len(job.plans)))


def _sample_colours(job: _Job) -> None:
    """Compute placeholder and dominant colour from the smallest image, unedited if any."""
    if not job.described:
        return
    sampled = placeholder.sample_smallest(job.plans, job.stills, job.drawn.conversion)
    job.placeholder = placeholder.thumbhash(sampled)
    job.colour = placeholder.dominant_colour(sampled)


def _collect_warnings(job: _Job) -> None:
    """Collect the warnings, in the order of `rendered.WARNINGS`."""
    facts, conversion, found = job.facts, job.drawn.conversion, []
    if job.is_damaged:
        found.append("truncated")
    if conversion.warning:
        found.append(conversion.warning)
    if facts.is_gain_map_ignored or job.is_gain_map_ignored:
        found.append("gain_map_ignored")
    if facts.hdr and not all(rendition.hdr == "gain_map" for rendition in job.renditions):
        found.append("hdr")
    if facts.frames > 1 and not all(plan.animate for plan in job.plans):
        found.append("first_frame_only")
    if any(1 < plan.frames < facts.frames for plan in job.plans):
        found.append("fewer_frames")
    # Not for a damaged file: with the bytes that are missing it would have been larger.
    most = max(facts.bytes, PACKET_BYTES)
    if not job.is_damaged and any(len(rendition.data) > most for rendition in job.renditions):
        found.append("larger_than_original")
    budgets = {preset.name: preset.max_bytes for preset in job.recipe.presets}
    if any(len(each.data) > (budgets[each.preset] or len(each.data)) for each in job.renditions):
        found.append("over_max_bytes")
    job.warnings = tuple(found)


# The pipeline. A step with nothing to do returns at once.
_STEPS: tuple[Callable[[_Job], None], ...] = (
    _probe,
    _plan,
    _check_costs,
    _decode_and_resize,
    _drop_opaque_alpha,
    _edit,
    _prepare_metadata,
    _settle_formats,
    _choose_qualities,
    _make_samples,
    _draw_gain_maps,
    _encode_animations,
    _encode_renditions,
    _sample_colours,
    _collect_warnings,
)


def _encode(job: _Job, number: int) -> Rendition:
    """Return the rendition of a plan: the animation if there is one, else the still image."""
    plan, deep = job.plans[number], job.drawn.deep_of(number)
    still, encoded = deep or job.stills[number], None if deep else job.encoded[number]
    animation, gain_map, facts = job.animations.files[number], job.gain_maps[number], job.facts
    tags = job.tags.of(plan, job.drawn.conversion.kept)
    plan = replace(plan, must_fit=plan.must_fit and not job.is_damaged)
    copy = job.copy if plan.may_copy else None
    usable_copy = copy if facts.is_plainly_composed else None
    if encoded:
        data = fit_encoded(encoded, still, plan, tags, usable_copy)
    else:
        data = animation or fit_bytes(still, plan, tags, usable_copy, sandboxed=job.sandboxed)
    # A copy of a GIF that not every viewer composes alike is the last resort against growth.
    if plan.must_not_grow and len(data) > plan.most_bytes and copy:
        data = min(data, copy(tags) or data, key=len)
    whole, size = gain_map.add_to(data) if gain_map else data, plan.final_size
    is_hdr = whole is not data or (plan.keeps_codes and facts.hdr != "gain_map")
    hdr = facts.hdr if is_hdr else None
    # A file of another quality than the chosen one has none to report.
    quality = plan.quality if encoded and data is encoded else None
    return Rendition(plan.preset, whole, size.width, size.height, plan.format, hdr, quality)
