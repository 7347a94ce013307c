"""Probed bytes → one small image for each plan: by the sandbox, or else by the libraries."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from imagemill.imaging.colour import Conversion, conversion_of
from imagemill.imaging.costs import check_costs
from imagemill.imaging.decode import decode
from imagemill.imaging.facts import Facts
from imagemill.imaging.fastjpeg import Planes, Refused, decode_planes
from imagemill.imaging.fastjpeg.planes import find_damage, is_reduced
from imagemill.imaging.fastjpeg.sandbox import Reason, is_available
from imagemill.imaging.limits import Limits
from imagemill.imaging.plan import Plan, Size, size_to_decode
from imagemill.imaging.probing import Probed
from imagemill.imaging.resample import Layer, make_layer
from imagemill.imaging.resize import resize

SandboxOutcome = Literal["drawn", "not_asked"] | Reason
_LUMA = (4, 5)
"""Of what a library is asked for, which can only halve: 1.6 px for each that is drawn."""
_LUMA_OF_MEANS, _BLOCK = (4, 3), 8
"""The same, 2.7 px, where they would be no more than the means of blocks, which blur."""
_CHROMA, _THINNED_CHROMA = (3, 4), (1, 4)
"""Nearly as fine as the luma; or as coarse as JPEG makes it in the end, half of what is drawn."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Images in the order of the plans, upright and in sRGB, and how they came about."""

    images: tuple[Image.Image, ...]
    conversion: Conversion
    is_damaged: bool
    sandbox: SandboxOutcome


def decode_and_resize(
    data: bytes, probed: Probed, plans: Sequence[Plan], limits: Limits, *, sandboxed: bool = True
) -> Decoded:
    """Decode once and draw every plan's image.

    A JPEG is tried in the sandbox, `sandboxed` allowing; whatever it does not draw the libraries
    do. Raises CorruptImage when they cannot either, OverBudget when they would need too much.
    """
    facts = probed.facts
    profile = probed.image.info.get("icc_profile")
    outcome: SandboxOutcome = "not_asked"
    if sandboxed and probed.kind == "jpeg":
        conversion = conversion_of(profile, facts, probed.image.mode)
        try:
            with _planes(data, probed, plans) as planes:
                images = resize(planes, facts, plans, conversion)
            return Decoded(images, conversion, is_damaged=False, sandbox="drawn")
        except Refused as refusal:
            outcome = refusal.reason
            check_costs(facts, plans, limits)
    needed = size_to_decode(facts, plans)
    is_damaged = decode(probed.image, probed.kind, needed, facts.max_reduction)
    is_damaged = is_damaged or _is_damaged(outcome, data, _stored(facts))
    conversion = conversion_of(profile, facts, probed.image.mode)
    layer = layer_of(probed.image, facts, plans)
    return Decoded(resize(layer, facts, plans, conversion), conversion, is_damaged, outcome)


def fits_sandbox(probed: Probed, plans: Sequence[Plan]) -> bool:
    """Whether the sandbox can be asked: for a JPEG of grey or three colours, made much smaller."""
    needed, stored = size_to_decode(probed.facts, plans), _stored(probed.facts)
    is_asked = probed.kind == "jpeg" and probed.image.mode in ("L", "RGB")
    return is_asked and is_reduced(stored, _fine_enough(needed, stored)) and is_available()


def layer_of(decoded: Image.Image, facts: Facts, plans: Sequence[Plan]) -> Layer:
    """Return decoded pixels as what the plans are drawn from."""
    return make_layer(decoded, _stored(facts), size_to_decode(facts, plans))


def _is_damaged(outcome: SandboxOutcome, data: bytes, stored: Size) -> bool:
    """Whether coded data are damaged, which libjpeg conceals: it goes on with other blocks."""
    if outcome in ("too_small", "unsupported"):
        return find_damage(data, stored)
    return outcome == "damaged"


@contextmanager
def _planes(data: bytes, probed: Probed, plans: Sequence[Plan]) -> Iterator[Planes]:
    needed = size_to_decode(probed.facts, plans)
    is_thinned = all(plan.format == "jpeg" for plan in plans)
    chroma = _part(needed, *(_THINNED_CHROMA if is_thinned else _CHROMA))
    stored = _stored(probed.facts)
    with decode_planes(data, stored, _fine_enough(needed, stored), chroma) as planes:
        if planes.mode != probed.image.mode:
            raise Refused("unsupported")
        yield planes


def _stored(facts: Facts) -> Size:
    shown = Size(facts.width, facts.height)
    return shown.swapped if facts.is_sideways else shown


def _fine_enough(needed: Size, stored: Size) -> Size:
    """Return the luma to ask for: more, where the means of blocks would satisfy the least."""
    least = _part(needed, *_LUMA)
    is_of_means = least.width * _BLOCK <= stored.width and least.height * _BLOCK <= stored.height
    return _part(needed, *_LUMA_OF_MEANS) if is_of_means else least


def _part(size: Size, numerator: int, denominator: int) -> Size:
    return Size(
        -(-size.width * numerator // denominator), -(-size.height * numerator // denominator)
    )
