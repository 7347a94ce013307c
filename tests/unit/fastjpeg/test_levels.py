import pytest
from fakes import jpegs
from PIL import Image

from imagemill.imaging.fastjpeg import Box, Planes, decode_planes

SIZE = (803, 605)
WHOLE = (0, 0, *SIZE)
# Chroma samples that each subsampling has.
CHROMA = {"4:4:4": SIZE, "4:2:2": (401, 605), "4:2:0": (401, 302), "4:1:1": (200, 302)}


def drawn(planes: Planes, box: Box, size: tuple[int, int]) -> Image.Image:
    mode = "L" if planes.mode == "L" else "RGB"
    return Image.frombytes(mode, size, planes.resize(box, size), "raw", planes.mode)


@pytest.mark.parametrize("sampling", CHROMA)
@pytest.mark.parametrize("size", [(220, 166), (150, 113), (99, 75), (40, 30), (3, 2)])
def test_small_results_of_large_planes_equal_those_of_a_full_decode(
    sampling: str, size: tuple[int, int]
) -> None:
    data = jpegs.save(jpegs.scene(*SIZE), quality=95, subsampling=sampling)

    with decode_planes(data, SIZE, luma=SIZE, chroma=CHROMA[sampling]) as planes:
        ours = drawn(planes, WHOLE, size)

    assert jpegs.rms_difference(ours, jpegs.decoded_in_full(data, max(size))) < 4


@pytest.mark.parametrize("box", [(0, 0, 301, 205), (502, 400, 803, 605), (251, 200, 552, 405)])
def test_a_small_result_of_a_part_is_cut_at_the_right_place(box: Box) -> None:
    data = jpegs.save(jpegs.scene(*SIZE), quality=95)
    size = (60, 41)

    with decode_planes(data, SIZE, luma=SIZE, chroma=CHROMA["4:2:0"]) as planes:
        ours = drawn(planes, box, size)

    whole = jpegs.decoded_in_full(data, SIZE[0])
    theirs = whole.resize(size, Image.Resampling.LANCZOS, box=box)
    assert jpegs.rms_difference(ours, theirs) < 3


def test_the_order_of_results_changes_none_of_them() -> None:
    data = jpegs.save(jpegs.scene(*SIZE), subsampling="4:2:0")
    sizes = [(400, 301), (150, 113), (60, 45), (20, 15)]

    with decode_planes(data, SIZE, luma=SIZE, chroma=CHROMA["4:2:0"]) as planes:
        falling = [drawn(planes, WHOLE, size) for size in sizes]
    with decode_planes(data, SIZE, luma=SIZE, chroma=CHROMA["4:2:0"]) as planes:
        rising = [drawn(planes, WHOLE, size) for size in reversed(sizes)]

    assert falling == rising[::-1]


def test_a_grey_image_has_levels_too() -> None:
    data = jpegs.save(jpegs.scene(*SIZE).convert("L"), quality=95)

    with decode_planes(data, SIZE, luma=SIZE, chroma=CHROMA["4:2:0"]) as planes:
        ours = drawn(planes, WHOLE, (99, 75))

    assert jpegs.rms_difference(ours, jpegs.decoded_in_full(data, 99)) < 3


def test_the_levels_of_one_file_are_not_those_of_the_next() -> None:
    first, second = (jpegs.save(jpegs.scene(*SIZE).rotate(angle)) for angle in (0, 180))

    with decode_planes(first, SIZE, luma=SIZE, chroma=CHROMA["4:2:0"]) as planes:
        drawn(planes, WHOLE, (60, 45))
    with decode_planes(second, SIZE, luma=SIZE, chroma=CHROMA["4:2:0"]) as planes:
        ours = drawn(planes, WHOLE, (60, 45))

    assert jpegs.rms_difference(ours, jpegs.decoded_in_full(second, 60)) < 3
