"""Samples are made in the narrow range of video, too, as WebP has it."""

from random import Random
from typing import get_args

import pytest
from fakes import jpegs
from PIL import ImageFilter

from imagemill.imaging.fastjpeg import Samples, Sampling, decode_planes, resize_samples

NOISE = Random(1).randbytes(3 * 90 * 61)  # noqa: S311 - not a secret
BYTES: dict[Sampling, int] = {
    "grey": 90 * 61,
    "4:2:0": 90 * 61 + 2 * 45 * 31,
    "4:4:4": 3 * 90 * 61,
}


def most_from_scaled(samples: Samples) -> float:
    """Return the largest difference between narrow samples and those of full range, scaled.

    Samples of 0 and 255 are left out: unrounded they may lie beyond the full range.
    """
    luma = samples.width * samples.height
    scaled = [16 + at * 219 / 255 for at in samples.data[:luma]]
    scaled += [128 + (at - 128) * 224 / 255 for at in samples.data[luma:]]
    triples = zip(samples.data, samples.narrow or b"", scaled, strict=True)
    return max(abs(narrow - exact) for full, narrow, exact in triples if 0 < full < 255)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(100, 76), (101, 75)])
def test_samples_are_drawn_in_both_ranges(size: tuple[int, int], orientation: int) -> None:
    soft = jpegs.scene(400, 304).filter(ImageFilter.GaussianBlur(8))
    box = (0, 0, 400, 304)

    with decode_planes(jpegs.save(soft), box[2:], luma=box[2:], chroma=(200, 152)) as planes:
        full = planes.draw_samples(box, size, orientation)
        both = planes.draw_samples(box, size, orientation, has_narrow=True)

    assert (full.narrow, both.data) == (None, full.data)
    # Chroma that is halved after turning is rounded twice in either range.
    assert most_from_scaled(both) < 1.5


@pytest.mark.parametrize("sampling", get_args(Sampling))
def test_samples_are_resized_in_both_ranges(sampling: Sampling) -> None:
    samples = Samples(90, 61, sampling, NOISE[: BYTES[sampling]])

    full = resize_samples(samples, (0, 0, 90, 61), (41, 27))
    both = resize_samples(samples, (0, 0, 90, 61), (41, 27), has_narrow=True)

    assert (full.narrow, both.data) == (None, full.data)
    assert most_from_scaled(both) < 1


def test_the_narrow_range_is_rounded_once() -> None:
    # In the full range each result lies halfway between two levels.
    ramp = b"".join(bytes([level] * 8 + [level + 1] * 8) for level in range(255))
    samples = Samples(len(ramp), 16, "grey", ramp * 16)

    made = resize_samples(samples, (0, 0, len(ramp), 16), (255, 1), has_narrow=True)

    exact = [16 + (level + 0.5) * 219 / 255 for level in range(255)]
    differences = [abs(a - b) for a, b in zip(made.narrow or b"", exact, strict=True)]
    assert max(differences[3:-3]) < 0.55
