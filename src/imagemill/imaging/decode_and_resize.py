"""Probed bytes → one small image for each plan, decoded in the sandbox or by a library."""

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging import fastjpeg
from imagemill.imaging.colour import Conversion, conversion_of
from imagemill.imaging.costs import check_costs
from imagemill.imaging.decode import decode
from imagemill.imaging.facts import Facts
from imagemill.imaging.fastjpeg import Refused
from imagemill.imaging.limits import Limits
from imagemill.imaging.plan import Plan, size_to_decode, stored_size
from imagemill.imaging.probing import Probed
from imagemill.imaging.resample import make_layer
from imagemill.imaging.resize import resize
from imagemill.imaging.sandboxed_jpeg import SandboxOutcome, is_damaged, open_planes
from imagemill.imaging.sandboxed_png import decode_png_layer, fits_png_sandbox
from imagemill.imaging.still import DeepImage, Still


@dataclass(frozen=True, slots=True)
class Decoded:
    """The images in the order of the plans, upright and in sRGB, and how they were decoded."""

    images: tuple[Still, ...]
    conversion: Conversion
    is_damaged: bool
    sandbox: SandboxOutcome
    deep: tuple[DeepImage | None, ...] = ()
    """The same with 16 bits per sample, for plans that keep more than 8; empty if none does."""

    def deep_of(self, number: int) -> DeepImage | None:
        """Return the image of a plan with 16 bits per sample, if it has one."""
        return self.deep[number] if self.deep else None


def decode_and_resize(
    data: bytes, probed: Probed, plans: Sequence[Plan], limits: Limits, *, sandboxed: bool = True
) -> Decoded:
    """Decode once and draw the image of every plan.

    If `sandboxed`, JPEG and PNG are tried in the sandbox first; a library decodes whatever the
    sandbox refuses. Raises CorruptImage if the library fails too, OverBudget if it would need too
    much.
    """
    drawn = _draw(data, probed, plans, limits, sandboxed=sandboxed)
    # Pillow converts colours of 8 bits only, so others stay as they are.
    deep = [
        plan.is_deep and (plan.keeps_codes or drawn.conversion.of(plan).transform is None)
        for plan in plans
    ]
    if drawn.is_damaged or not any(deep):
        return drawn
    # Imported here because few images have more than 8 bits per sample.
    from imagemill.imaging.deep import deepened  # noqa: PLC0415

    return replace(
        drawn,
        deep=deepened(
            data,
            probed,
            [plan if is_deep else None for plan, is_deep in zip(plans, deep, strict=True)],
            drawn.images,
        ),
    )


def _draw(
    data: bytes, probed: Probed, plans: Sequence[Plan], limits: Limits, *, sandboxed: bool
) -> Decoded:
    outcome: SandboxOutcome = "not_asked"
    draw = _draw_jpeg if probed.kind == "jpeg" else _draw_png
    if sandboxed and (probed.kind == "jpeg" or fits_png_sandbox(probed)):
        try:
            return draw(data, probed, plans)
        except Refused as refusal:
            outcome = refusal.reason
            # The caller has checked the sandbox's needs; the library's are larger.
            check_costs(probed.facts, plans, limits)
    return _draw_by_library(data, probed, plans, outcome, sandboxed=sandboxed)


def resize_decoded(
    decoded: Image.Image,
    facts: Facts,
    plans: Sequence[Plan],
    conversion: Conversion,
    *,
    sandboxed: bool,
) -> tuple[Still, ...]:
    """Return an image for each plan from decoded pixels, resized in the sandbox if `sandboxed`."""
    sandboxed = sandboxed and fastjpeg.is_available()
    original, needed = stored_size(facts), size_to_decode(facts, plans)
    layer = make_layer(decoded, original, needed, sandboxed=sandboxed)
    return resize(layer, facts, plans, conversion, sandboxed=sandboxed)


def _draw_jpeg(data: bytes, probed: Probed, plans: Sequence[Plan]) -> Decoded:
    facts, image = probed.facts, probed.image
    conversion = _conversion(image.info.get("icc_profile"), facts, image.mode, plans)
    with open_planes(data, probed, plans) as planes:
        images = resize(planes, facts, plans, conversion, sandboxed=True)
    return Decoded(images, conversion, is_damaged=False, sandbox="drawn")


def _draw_png(data: bytes, probed: Probed, plans: Sequence[Plan]) -> Decoded:  # noqa: ARG001
    facts, image = probed.facts, probed.image
    conversion = _conversion(image.info.get("icc_profile"), facts, image.mode, plans)
    layer = decode_png_layer(probed, plans)
    images = resize(layer, facts, plans, conversion, sandboxed=True)
    return Decoded(images, conversion, is_damaged=False, sandbox="drawn")


def _draw_by_library(
    data: bytes,
    probed: Probed,
    plans: Sequence[Plan],
    outcome: SandboxOutcome,
    *,
    sandboxed: bool,
) -> Decoded:
    facts = probed.facts
    profile = probed.image.info.get("icc_profile")
    needed = size_to_decode(facts, plans)
    damaged = decode(probed.image, probed.kind, needed, facts.max_reduction)
    if probed.kind == "jpeg":
        damaged = damaged or is_damaged(outcome, data, facts)
    # The decoder may change the mode, so the conversion is chosen after it.
    conversion = _conversion(profile, facts, probed.image.mode, plans)
    images = resize_decoded(probed.image, facts, plans, conversion, sandboxed=sandboxed)
    return Decoded(images, conversion, damaged, outcome)


def _conversion(
    profile: bytes | None, facts: Facts, mode: str, plans: Sequence[Plan]
) -> Conversion:
    """Return the conversion to sRGB, with the way to keep the gamut if a plan does."""
    conversion = conversion_of(profile, facts, mode)
    if conversion.transform is None or not any(plan.keeps_gamut for plan in plans):
        return conversion
    # Imported here because few presets keep the gamut and a cold start need not load it.
    from imagemill.imaging.gamut import with_kept_gamut  # noqa: PLC0415

    return with_kept_gamut(conversion, facts)
