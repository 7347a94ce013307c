from collections.abc import Iterator
from io import BytesIO
from itertools import product
from random import Random

import pytest
from fakes import jpegs
from PIL import Image, ImageChops, ImageStat

from imagemill.imaging.fastjpeg import Refused, decode_planes, find_damage

SIDE = 100
WHOLE = jpegs.save(jpegs.scene(801, 603))
# The start of a scan of one component, Cb or Cr, with the preceding table.
CHROMA_SCANS = (b"\xff\xda\0\x08\1\2", b"\xff\xda\0\x08\1\3")
SAMPLINGS = ("4:4:4", "4:2:2", "4:2:0", "4:1:1")


def decoded(data: bytes, side: int = SIDE) -> Image.Image:
    """Return the whole image, its longer side `side` px, from planes of twice that size."""
    stored = Image.open(BytesIO(data)).size
    size = jpegs.scaled(stored, side)
    twice = (2 * size[0], 2 * size[1])
    with decode_planes(data, stored, luma=twice, chroma=size) as planes:
        pixels = planes.resize((0, 0, *stored), size)
        mode = "L" if planes.mode == "L" else "RGB"
        return Image.frombytes(mode, size, pixels, "raw", planes.mode)


def reason(data: bytes, side: int = SIDE) -> str:
    with pytest.raises(Refused) as caught:
        decoded(data, side)
    return caught.value.reason


def at_eighths(data: bytes, eighths: int) -> Image.Image:
    """Return the whole image at so many eighths of its size, from planes of just that size."""
    width, height = Image.open(BytesIO(data)).size
    planes_of = (width * eighths // 8, height * eighths // 8)
    size = (-(-width * eighths // 8), -(-height * eighths // 8))
    with decode_planes(data, (width, height), luma=planes_of, chroma=planes_of) as planes:
        pixels = planes.resize((0, 0, width, height), size)
        mode = "L" if planes.mode == "L" else "RGB"
        return Image.frombytes(mode, size, pixels, "raw", planes.mode)


def extremes() -> Iterator[Image.Image]:
    """Yield images that strain the arithmetic: the highest frequencies at the full range."""
    chance, size = Random(1), (136, 104)  # noqa: S311 - not a secret
    pixels = range(size[0] * size[1])
    yield Image.frombytes("L", size, bytes(255 * chance.getrandbits(1) for _ in pixels))
    yield Image.frombytes("L", size, chance.randbytes(len(pixels)))
    yield Image.frombytes("L", size, bytes(255 * (at % size[0] // 2 & 1) for at in pixels))


def mean_difference(ours: Image.Image, theirs: Image.Image) -> float:
    """Return the largest difference between the channels' means, in levels of 255."""
    means = zip(ImageStat.Stat(ours).mean, ImageStat.Stat(theirs).mean, strict=True)
    return max(abs(a - b) for a, b in means)


@pytest.mark.parametrize(
    ("side", "sampling"),
    [(400, "4:4:4"), *product((401, 615, 999, 1601), SAMPLINGS)],
)
def test_a_baseline_image_of_any_size_equals_a_full_decode(side: int, sampling: str) -> None:
    data = jpegs.save(jpegs.scene(side, side * 3 // 4), quality=88, subsampling=sampling)

    ours = decoded(data)

    assert jpegs.rms_difference(ours, jpegs.decoded_in_full(data, SIDE)) < 5.0
    assert mean_difference(ours, jpegs.decoded_in_full(data, SIDE)) < 0.8


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("side", [801, 999, 1601])
def test_a_progressive_image_nearly_equals_a_full_decode(sampling: str, side: int) -> None:
    image = jpegs.scene(side, side * 3 // 4)
    data = jpegs.save(image, quality=88, subsampling=sampling, progressive=True)

    ours = decoded(data)

    assert jpegs.rms_difference(ours, jpegs.decoded_in_full(data, SIDE)) < 4.5
    assert mean_difference(ours, jpegs.decoded_in_full(data, SIDE)) < 0.8


# The error of few samples is that of the other filter: an ideal one per block. All of them are
# resampled as libjpeg's pixels would be, subsampled chroma too.
@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize(
    ("eighths", "most"),
    [(1, 4.5), (2, 3.0), (3, 3.0), (4, 3.5), (5, 3.0), (6, 3.0), (7, 1.0), (8, 1.0)],
)
def test_any_number_of_samples_is_as_good_as_a_full_decode(
    eighths: int, most: float, sampling: str
) -> None:
    data = jpegs.save(jpegs.scene(401, 300), quality=90, subsampling=sampling)

    ours = at_eighths(data, eighths)

    theirs = Image.open(BytesIO(data)).resize(ours.size, Image.Resampling.LANCZOS)
    assert jpegs.rms_difference(ours, theirs) < most


@pytest.mark.parametrize("quality", [1, 10, 50, 100])
def test_all_samples_of_a_plane_are_within_one_level_of_libjpeg_s(quality: int) -> None:
    for image in extremes():
        data = jpegs.save(image, quality=quality)

        difference = ImageChops.difference(at_eighths(data, 8), Image.open(BytesIO(data)))

        assert max(difference.tobytes()) <= 1


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("eighths", range(3, 9))
def test_a_progressive_image_equals_a_baseline_one_of_the_same_coefficients(
    eighths: int, sampling: str
) -> None:
    image, options = jpegs.scene(401, 300), {"quality": 60, "subsampling": sampling}
    baseline = jpegs.save(image, **options)

    ours = at_eighths(jpegs.save(image, progressive=True, **options), eighths)

    assert ours == at_eighths(baseline, eighths)


def without_last_scan(data: bytes) -> bytes:
    """Return the file with nothing in its last scan, which refines the luma of a photo."""
    header = data.rindex(b"\xff\xda")
    return data[: header + 2 + int.from_bytes(data[header + 2 : header + 4], "big")] + jpegs.END


@pytest.mark.parametrize(("quality", "eighths"), [(92, 3), (92, 4), (97, 5)])
def test_a_refinement_that_is_not_seen_is_not_read(quality: int, eighths: int) -> None:
    image = jpegs.scene(401, 300)
    data = jpegs.save(image, quality=quality, progressive=True)

    ours = at_eighths(without_last_scan(data), eighths)

    assert ours == at_eighths(data, eighths)
    exact = at_eighths(jpegs.save(image, quality=quality), eighths)
    assert jpegs.rms_difference(ours, exact) < 1.2


@pytest.mark.parametrize(("quality", "eighths"), [(60, 3), (80, 5), (92, 8), (100, 8)])
def test_a_refinement_that_is_seen_is_read(quality: int, eighths: int) -> None:
    data = jpegs.save(jpegs.scene(401, 300), quality=quality, progressive=True)

    with pytest.raises(Refused):
        at_eighths(without_last_scan(data), eighths)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("size", [(1, 1), (7, 9), (33, 1), (17, 50)])
def test_the_smallest_images_are_decoded_in_full(size: tuple[int, int], progressive: bool) -> None:
    image = Image.linear_gradient("L").resize(size)
    data = jpegs.save(image, progressive=progressive)

    difference = ImageChops.difference(at_eighths(data, 8), Image.open(BytesIO(data)))

    assert max(difference.tobytes()) <= 1


@pytest.mark.parametrize("progressive", [False, True])
def test_a_grey_image_stays_grey(progressive: bool) -> None:
    data = jpegs.save(jpegs.scene(801, 603).convert("L"), progressive=progressive)

    ours = decoded(data)

    assert ours.mode == "L"
    assert jpegs.rms_difference(ours, jpegs.decoded_in_full(data, SIDE)) < 4.0


def test_chroma_may_be_subsampled_by_rows() -> None:
    frame = b"\x08" + bytes((0, 240, 1, 64)) + b"\3\1\x21\0"
    # A size with the same number of MCUs, of 8 by 16 px.
    thin = b"\x08" + bytes((1, 224, 0, 160)) + b"\3\1\x12\0"
    data = jpegs.save(jpegs.scene(320, 240), subsampling="4:2:2").replace(frame, thin, 1)

    ours = decoded(data)

    assert Image.open(BytesIO(data)).size == (160, 480)
    assert jpegs.rms_difference(ours, jpegs.decoded_in_full(data, SIDE)) < 6.0


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("interval", [{"restart_marker_blocks": 7}, {"restart_marker_rows": 1}])
@pytest.mark.parametrize("eighths", [1, 2, 4, 8])
def test_restart_markers_change_nothing(
    interval: dict[str, int], progressive: bool, eighths: int
) -> None:
    image = jpegs.scene(402, 303)
    plain = at_eighths(jpegs.save(image, progressive=progressive), eighths)

    ours = at_eighths(jpegs.save(image, progressive=progressive, **interval), eighths)

    assert ours == plain


@pytest.mark.parametrize(("side", "most"), [(SIDE, 4.0), (801, 1.0)])
def test_a_scan_for_each_component_is_as_good_as_one_for_all(side: int, most: float) -> None:
    data = jpegs.interleaved_by_none(jpegs.scene(801, 603).convert("YCbCr").split())

    ours = decoded(data, side)

    assert jpegs.rms_difference(ours, jpegs.decoded_in_full(data, side)) < most


def test_a_part_of_an_image_is_cut_at_the_right_place() -> None:
    data = jpegs.save(jpegs.scene(1200, 800), subsampling="4:2:0")
    box = (400, 0, 1200, 800)

    with decode_planes(data, (1200, 800), luma=(300, 200), chroma=(300, 200)) as planes:
        pixels = planes.resize(box, (SIDE, SIDE))

    ours = Image.frombytes("RGB", (SIDE, SIDE), pixels, "raw", "RGBX")
    theirs = Image.open(BytesIO(data)).resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=box)
    assert jpegs.rms_difference(ours, theirs) < 4.0


def test_each_resize_is_granted_work_of_its_own() -> None:
    size = (801, 603)

    with decode_planes(WHOLE, size, luma=size, chroma=size) as planes:
        pixels = {planes.resize((0, 0, *size), size) for _ in range(8)}

    assert len(pixels) == 1


@pytest.mark.parametrize("progressive", [False, True])
def test_the_longest_side_is_resized_to_a_pixel(progressive: bool) -> None:
    size = (1, 65_500)
    data = jpegs.save(Image.linear_gradient("L").resize(size), progressive=progressive)

    with decode_planes(data, size, luma=size, chroma=size, is_progressive=progressive) as planes:
        (mean,) = planes.resize((0, 0, *size), (1, 1))

    assert abs(mean - 127) <= 1


def test_the_same_bytes_give_the_same_pixels_in_a_used_sandbox() -> None:
    first = decoded(WHOLE)
    decoded(jpegs.save(jpegs.scene(999, 1207).convert("L"), progressive=True))

    assert decoded(WHOLE) == first


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("share", [0.2, 0.7, 0.999])
def test_a_file_cut_short_is_refused(share: float, progressive: bool) -> None:
    whole = jpegs.save(jpegs.scene(1207, 803), progressive=progressive)

    assert reason(whole[: int(len(whole) * share)]) == ("corrupt" if progressive else "damaged")


@pytest.mark.parametrize("side", [300, 700])
@pytest.mark.parametrize("share", [0.2, 0.7, 0.999])
def test_a_progressive_file_cut_short_is_damaged_if_all_scans_are_read(
    share: float, side: int
) -> None:
    whole = jpegs.save(jpegs.scene(703, 503), progressive=True)

    assert reason(whole[: int(len(whole) * share)], side) == "damaged"


def test_a_file_without_an_end_is_refused() -> None:
    assert reason(WHOLE.removesuffix(jpegs.END)) == "corrupt"


def test_bytes_after_the_end_do_not_count() -> None:
    assert decoded(WHOLE + b"\xff\xd8 and a film") == decoded(WHOLE)


def test_a_size_other_than_the_header_s_is_refused() -> None:
    with pytest.raises(Refused), decode_planes(WHOLE, (800, 603), luma=(9, 9), chroma=(9, 9)):
        pass


@pytest.mark.parametrize(("change", "expected"), jpegs.UNUSUAL.values(), ids=jpegs.UNUSUAL.keys())
def test_an_unusual_file_is_refused(change: jpegs.Change, expected: str) -> None:
    parts = jpegs.split(jpegs.save(jpegs.scene(801, 603), restart_marker_rows=4))

    assert reason(b"".join(change(parts))) == expected


def test_cmyk_is_refused() -> None:
    assert reason(jpegs.save(jpegs.scene(801, 603).convert("CMYK"))) == "unsupported"


def test_an_adobe_marker_may_declare_the_default() -> None:
    parts = jpegs.split(WHOLE)

    assert decoded(b"".join([parts[0], jpegs.adobe(1), *parts[1:]])) == decoded(WHOLE)


def test_scans_may_come_in_another_order() -> None:
    parts = jpegs.split(jpegs.save(jpegs.scene(801, 603), progressive=True))
    blue, red = [at for at, part in enumerate(parts) if part[:6] in CHROMA_SCANS][:2]
    before = [*parts[: blue - 1], *parts[red - 1 : red + 1], *parts[blue - 1 : blue + 1]]

    swapped = b"".join([*before, *parts[red + 1 :]])

    assert decoded(swapped) == decoded(b"".join(parts))


def test_scans_that_never_reach_the_last_bit_are_refused() -> None:
    parts = jpegs.split(jpegs.save(jpegs.scene(801, 603), progressive=True))

    assert reason(b"".join([*parts[:-2], parts[-1]])) == "unsupported"


def test_damage_is_found_without_decoding() -> None:
    damaged = bytearray(WHOLE)
    middle = len(damaged) // 2
    damaged[middle : middle + 300] = b"\x3c" * 300

    assert find_damage(bytes(damaged), (801, 603))
    assert not find_damage(WHOLE, (801, 603))
