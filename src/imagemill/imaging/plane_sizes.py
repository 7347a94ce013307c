"""Choose the planes that the sandbox decodes a JPEG to: how fine luma and chroma must be."""

from collections.abc import Sequence

from imagemill.dataclass import dataclass
from imagemill.imaging.facts import Facts
from imagemill.imaging.geometry import Size
from imagemill.imaging.plan import Plan, WebFormat, size_at, stored_size
from imagemill.imaging.regions import part_to_decode

# Samples on the side of a coded block: T.81, A.1.3.
_BLOCK = 8
# Formats whose encoders halve chroma, of images that are not drawings.
_SUBSAMPLED: frozenset[WebFormat] = frozenset(("jpeg", "webp", "avif"))
_QUICK_AVIF_EFFORT = 0
# Samples to ask for per output px on each side, as fractions, measured by SSIMULACRA 2: luma where
# the encoder halves chroma, such chroma, and luma where pixels are shown as they are. That is more
# if chroma is subsampled in one direction only, and the longer side has at least so many samples.
_LUMA, _SUBSAMPLED_CHROMA, _SHOWN, _SHOWN_OF_ONE_HALF = (8, 5), (1, 2), (5, 2), (4, 1)
_LEAST_SHOWN = 1_000
# The same for luma where one sample per block would be enough: the means of blocks blur.
_OF_MEANS = (8, 3)
# Luma samples on the side of a sample of subsampled chroma, and samples of all components per px
# where chroma is subsampled in one direction only.
_HALF, _OF_ONE_HALF = 2, 2
# Bytes of a coefficient, and of the bits that tell which coefficients of a block are not zero.
_COEFFICIENT, _MASK = 2, 8
# Samples of all components per px, of grey and of 4:4:4.
_NOT_SUBSAMPLED = (1, 3)
# Samples kept on the side of a block from which more coefficients are read, and all scans of a
# progressive file: LEAST_WIDE in jpeg.h.
_FINE_FROM = 3


@dataclass(frozen=True, slots=True)
class PlaneSizes:
    """Least size of the planes, px as stored: luma (or grey), and the other components."""

    luma: Size
    chroma: Size


def takes_samples(plan: Plan) -> bool:
    """Return True if luma and halved chroma of a JPEG are encoded, not pixels.

    Padding may begin in the middle of a chroma sample, so it needs pixels. So does a target,
    because a score compares with all of the colour.
    """
    has_pixels = plan.is_drawn or plan.edits.canvas is not None or plan.target is not None
    return plan.format in _SUBSAMPLED and _is_quick(plan) and not has_pixels


def plane_sizes(facts: Facts, plans: Sequence[Plan]) -> PlaneSizes:
    """Return the sizes to ask for, so that the planes serve every plan."""
    luma = _finer_than_means(facts, plans, _LUMA)
    shown = [plan for plan in plans if plan.format not in _SUBSAMPLED]
    if shown:
        finer = _finer_than_means(facts, shown, _samples_shown(facts, shown))
        luma = Size(max(luma.width, finer.width), max(luma.height, finer.height))
    if shown or any(plan.target is not None or not _is_quick(plan) for plan in plans):
        return _as_fine_chroma(facts, luma)
    return PlaneSizes(luma, size_at(facts, plans, _SUBSAMPLED_CHROMA))


def _samples_shown(facts: Facts, plans: Sequence[Plan]) -> tuple[int, int]:
    """Return the luma samples per output px for pixels that are shown as they are."""
    times, of = _SHOWN_OF_ONE_HALF if _samples(facts) == _OF_ONE_HALF else _SHOWN
    longest = max(max(plan.size.width, plan.size.height) for plan in plans)
    return (times, of) if times * longest >= of * _LEAST_SHOWN else (_LEAST_SHOWN, longest)


def _is_quick(plan: Plan) -> bool:
    """Return False for an AVIF whose luma makes up for the chroma that is lost: it needs pixels."""
    return plan.format != "avif" or plan.effort == _QUICK_AVIF_EFFORT


def _as_fine_chroma(facts: Facts, luma: Size) -> PlaneSizes:
    """Return sizes of which chroma is as fine as luma, or both have all that the file has.

    Then samples become RGB before they are resized, as viewers show them: draw_rgb.c.
    """
    stored, samples = stored_size(facts), _samples(facts)
    kept = _kept(luma, stored, 1)
    if 1 < samples < _OF_ONE_HALF and kept > _BLOCK // _HALF:
        return PlaneSizes(stored, stored)
    # 4:2:2 and 4:4:0 get half of the columns or rows, as the file has it, but no means of blocks.
    divisor = _BLOCK * (_HALF if samples == _OF_ONE_HALF and kept > 1 else 1)
    # Rounded down: a sample more would be one more for each block.
    width, height = (max(1, side * kept // divisor) for side in (stored.width, stored.height))
    return PlaneSizes(luma, Size(width, height))


def luma_samples(facts: Facts, plans: Sequence[Plan]) -> int:
    """Return the number of samples of the luma plane in the part that is decoded."""
    return part_to_decode(facts, plans).size.area * _luma_kept(facts, plans) ** 2 // _BLOCK**2


def is_fine(facts: Facts, plans: Sequence[Plan]) -> bool:
    """Return True if more than two samples on the side of a block are decoded.

    Then more coefficients are read, and all scans of a progressive file.
    """
    return _luma_kept(facts, plans) >= _FINE_FROM


def plane_bytes(facts: Facts, plans: Sequence[Plan]) -> int:
    """Return the bytes of the planes, with the coefficients of a progressive file.

    Bits for coefficients are kept of the whole image, all else of the part that is decoded.
    """
    wanted, divisor = plane_sizes(facts, plans).chroma, _chroma_divisor(facts)
    kept = _luma_kept(facts, plans), _kept(wanted, stored_size(facts), divisor)
    luma, chroma = (_per_pixel(facts, each) for each in kept)
    luma_bits, chroma_bits = (_bits_per_pixel(facts, each) for each in kept)
    part, others = part_to_decode(facts, plans).size.area, _samples(facts) - 1
    of_part = part * (luma + others * chroma)
    return round(of_part + facts.width * facts.height * (luma_bits + others * chroma_bits))


def _luma_kept(facts: Facts, plans: Sequence[Plan]) -> int:
    return _kept(plane_sizes(facts, plans).luma, stored_size(facts), 1)


def _finer_than_means(facts: Facts, plans: Sequence[Plan], samples: tuple[int, int]) -> Size:
    """Return the size at `samples` per output px; larger if that is one sample per block."""
    size, stored = size_at(facts, plans, samples), stored_size(facts)
    is_of_means = _kept(size, stored, 1) == 1
    return size_at(facts, plans, _OF_MEANS) if is_of_means else size


def _samples(facts: Facts) -> float:
    """Return the samples of all components per px: 3 in 4:4:4, 1.5 in 4:2:0, 1 if grey."""
    return max(1.0, facts.coefficient_bytes / _COEFFICIENT)


def _chroma_divisor(facts: Facts) -> int:
    """Return the px on the longer side of a chroma sample; at most two count."""
    return 1 if _samples(facts) in _NOT_SUBSAMPLED else 2


def _kept(wanted: Size, stored: Size, divisor: int) -> int:
    """Return the samples kept on the side of a block; seven are made as eight."""
    across = -(-_BLOCK * divisor * wanted.width // stored.width)
    down = -(-_BLOCK * divisor * wanted.height // stored.height)
    kept = min(_BLOCK, max(across, down))
    return _BLOCK if kept == _BLOCK - 1 else kept


def _per_pixel(facts: Facts, kept: int) -> float:
    """Return the bytes of a component per sample of its blocks."""
    samples = kept**2
    if not facts.is_progressive:
        return samples / _BLOCK**2
    coefficients = _COEFFICIENT * kept * (_BLOCK if kept >= _FINE_FROM else kept)
    return (samples + coefficients) / _BLOCK**2


def _bits_per_pixel(facts: Facts, kept: int) -> float:
    """Return the bytes per sample that tell which coefficients are not zero."""
    return _MASK * (facts.is_progressive and kept >= _FINE_FROM) / _BLOCK**2
