import math
from collections.abc import Iterable
from hashlib import sha256
from io import BytesIO
from itertools import product
from random import Random
from typing import get_args

import pytest
from fakes import jpegs
from PIL import Image, ImageChops, ImageFilter, ImageStat

from imagemill.imaging.fastjpeg import (
    Refused,
    Samples,
    Sampling,
    Scans,
    decode_planes,
    encode_samples,
    samples_of_pixels,
)
from imagemill.imaging.quality import estimate_quality, quantization_table

SAMPLINGS: tuple[Sampling, ...] = get_args(Sampling)
# Sides of one block or MCU and around; wide, tall and single pixels.
SIZES = ((1, 1), (1, 40), (7, 8), (8, 8), (9, 17), (16, 16), (17, 9), (31, 33), (40, 1), (65, 48))
NOISE = Random(1).randbytes(3 * 65 * 48)  # noqa: S311 - not a secret
WAYS = tuple(product(SAMPLINGS, get_args(Scans)))


def samples_of(image: Image.Image, sampling: Sampling) -> Samples:
    """Return an image's samples as Pillow computes them, chroma averaged."""
    even = (image.width + image.width % 2, image.height + image.height % 2)
    repeated = image.transform(even, Image.Transform.AFFINE, (1, 0, 0, 0, 1, 0))
    repeated.paste(image.crop((image.width - 1, 0, *image.size)), (image.width, 0))
    repeated.paste(repeated.crop((0, image.height - 1, even[0], image.height)), (0, image.height))
    planes = list((repeated if sampling == "4:2:0" else image).convert("YCbCr").split())
    if sampling == "grey":
        planes = planes[:1]
    if sampling == "4:2:0":
        planes[1:] = [plane.reduce(2) for plane in planes[1:]]
        planes[0] = planes[0].crop((0, 0, *image.size))
    return Samples(*image.size, sampling, b"".join(plane.tobytes() for plane in planes))


def random_samples(width: int, height: int, sampling: Sampling, seed: int = 1) -> Samples:
    """Return samples at the ends of their range, the most that a block can hold."""
    count = {"grey": 1, "4:2:0": 2, "4:4:4": 3}[sampling] * width * height + 2 * (width + height)
    data = bytes(Random(seed).choices((0, 255), k=count))  # noqa: S311 - not a secret
    samples = Samples(width, height, sampling, data)
    across, down = samples.chroma_size
    return Samples(width, height, sampling, data[: width * height + 2 * across * down])


def luma_of(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.draft("YCbCr", image.size)
    return image.split()[0]


def is_strictly_valid(data: bytes, size: tuple[int, int]) -> bool:
    """Return True if the decoder, which refuses any deviation from the standard, decodes it."""
    try:
        with decode_planes(data, size, luma=size, chroma=(size[0] // 2, size[1] // 2)):
            return True
    except Refused:
        return False


def noise_ratio(ours: Image.Image, theirs: Image.Image) -> float:
    """Return the PSNR of two grey images, dB."""
    error = ImageStat.Stat(ImageChops.difference(ours, theirs)).rms[0]
    return 20 * math.log10(255 / error) if error else math.inf


@pytest.mark.parametrize(("sampling", "scans"), WAYS)
@pytest.mark.parametrize("size", SIZES)
def test_an_image_of_any_size_is_encoded_as_the_standard_says(
    size: tuple[int, int], sampling: Sampling, scans: Scans
) -> None:
    image = jpegs.scene(128, 128).resize(size)

    data = encode_samples(samples_of(image, sampling), 90, scans)

    made = Image.open(BytesIO(data))
    assert made.size == size
    assert bool(made.info.get("progressive")) == (scans != "single")
    assert is_strictly_valid(data, size)
    assert noise_ratio(luma_of(data), image.convert("YCbCr").split()[0]) > 30


@pytest.mark.parametrize(("sampling", "scans"), WAYS)
@pytest.mark.parametrize("quality", [1, 2, 10, 49, 50, 51, 75, 90, 99, 100])
def test_any_samples_give_a_valid_file_at_any_quality(
    quality: int, sampling: Sampling, scans: Scans
) -> None:
    samples = random_samples(75, 53, sampling, quality)

    data = encode_samples(samples, quality, scans)

    assert is_strictly_valid(data, (75, 53))
    if quality == 100:
        luma = Image.frombytes("L", (75, 53), samples.data[: 75 * 53])
        assert noise_ratio(luma_of(data), luma) > 40


def test_random_samples_give_a_valid_file() -> None:
    chance = Random(7)  # noqa: S311 - not a secret

    for _ in range(60):
        size = chance.randrange(1, 70), chance.randrange(1, 70)
        sampling, scans = chance.choice(WAYS)
        samples = random_samples(*size, sampling, chance.randrange(1_000))
        data = encode_samples(samples, chance.randrange(1, 101), scans)

        assert is_strictly_valid(data, size)
        assert Image.open(BytesIO(data)).convert("RGB").size == size


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_any_scans_hold_the_same_image(sampling: Sampling) -> None:
    samples = samples_of(jpegs.scene(203, 157), sampling)

    single, spectral, successive = (
        Image.open(BytesIO(encode_samples(samples, 82, scans))).tobytes()
        for scans in get_args(Scans)
    )

    assert single == spectral == successive


def test_quality_means_the_same_as_in_libjpeg() -> None:
    samples = samples_of(jpegs.scene(16, 16), "4:4:4")

    # Below, steps reach 255, and the sum no longer follows the quality.
    for quality in range(11, 101):
        ours = Image.open(BytesIO(encode_samples(samples, quality, "single")))

        assert estimate_quality(jpegs.tables_of(ours)) == quality


def test_the_tables_are_those_that_pillow_encodes_with() -> None:
    samples = samples_of(jpegs.scene(16, 16), "4:4:4")

    for quality in range(1, 101):
        ours = Image.open(BytesIO(encode_samples(samples, quality, "single")))

        table = quantization_table(quality)
        assert jpegs.tables_of(ours) == {0: table, 1: table}


@pytest.mark.parametrize("quality", [30, 60, 82, 95])
@pytest.mark.parametrize("scans", get_args(Scans))
def test_bytes_are_fewer_than_those_of_libjpeg_for_a_small_error(
    quality: int, scans: Scans
) -> None:
    image = jpegs.scene(640, 480)
    luma = image.convert("YCbCr").split()[0]

    ours = encode_samples(samples_of(image, "4:2:0"), quality, scans)
    theirs = jpegs.save(
        image,
        qtables=[quantization_table(quality)],
        subsampling="4:2:0",
        optimize=True,
        progressive=scans != "single",
    )

    # A dead zone makes the file smaller, and the error larger.
    assert len(ours) < (1.00 if scans == "spectral" else 0.98) * len(theirs)
    assert noise_ratio(luma_of(ours), luma) > noise_ratio(luma_of(theirs), luma) - 0.6


@pytest.mark.parametrize("scans", ["spectral", "successive"])
def test_a_run_of_empty_blocks_is_as_long_as_the_standard_allows(scans: Scans) -> None:
    # 182 × 182 blocks; a run has at most 32,767.
    flat = Samples(1456, 1456, "grey", bytes(1456 * 1456))

    data = encode_samples(flat, 82, scans)

    assert is_strictly_valid(data, (1456, 1456))
    assert len(data) < 6_000


def test_codes_are_at_most_sixteen_bits_long() -> None:
    # Blocks with one coefficient each. Every symbol is more frequent than all the rarer ones but
    # one together: without a limit their codes would have up to 19 bits.
    tiles = [wave(k, size) for size in (20, 52) for k in (1, 2, 3, 4, 5, 8, 9, 10, 11)]
    counts = [1, 1]
    while len(counts) < len(tiles):
        counts.append(sum(counts[:-1]) + 2)
    blocks = [tile for tile, count in zip(tiles, counts, strict=True) for _ in range(count)]
    across = math.isqrt(len(blocks))
    lines = (blocks[at : at + across] for at in range(0, across * across, across))
    data = b"".join(b"".join(tile[y] for tile in line) for line in lines for y in range(8))
    side = 8 * across

    made = encode_samples(Samples(side, side, "grey", data), 50, "single")

    assert longest_code(made) == 16
    assert is_strictly_valid(made, (side, side))


def wave(k: int, amplitude: int) -> list[bytes]:
    """Return a block's rows with a single frequency, the k-th row by row."""
    u, v = k % 8, k // 8
    return [
        bytes(
            round(
                128
                + amplitude
                * math.cos((2 * x + 1) * u * math.pi / 16)
                * math.cos((2 * y + 1) * v * math.pi / 16)
            )
            for x in range(8)
        )
        for y in range(8)
    ]


def longest_code(data: bytes) -> int:
    tables = jpegs.marked(jpegs.split(data), jpegs.DHT)
    return max(length for table in tables for length in range(1, 17) if table[4 + length])


def bands(image: Image.Image, rows: int) -> Iterable[bytes]:
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(image.height, top + rows)))
        yield band.tobytes("raw", "RGBX")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sampling", ["4:2:0", "4:4:4"])
def test_pixels_become_samples(size: tuple[int, int], sampling: Sampling) -> None:
    image = Image.frombytes("RGB", size, NOISE[: 3 * size[0] * size[1]])

    ours = samples_of_pixels(*size, bands(image, 16), sampling)

    theirs = samples_of(image, sampling)
    assert (ours.width, ours.height, ours.sampling) == (*size, sampling)
    assert len(ours.data) == len(theirs.data)
    assert max(abs(a - b) for a, b in zip(ours.data, theirs.data, strict=True)) <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(100, 76), (101, 75), (101, 76), (100, 75), (33, 15), (1, 1)])
def test_samples_are_drawn_upright(size: tuple[int, int], orientation: int) -> None:
    turns = (None, None, 0, 3, 1, 5, 4, 6, 2)
    soft = jpegs.scene(400, 304).filter(ImageFilter.GaussianBlur(8))
    box = (0, 0, 400, 304)

    with decode_planes(jpegs.save(soft), box[2:], luma=box[2:], chroma=(200, 152)) as planes:
        samples = planes.draw_samples(box, size, orientation)
        stored = Image.frombytes("RGB", size, planes.resize(box, size), "raw", "RGBX")

    turn = turns[orientation]
    theirs = samples_of(
        stored if turn is None else stored.transpose(Image.Transpose(turn)), "4:2:0"
    )
    assert (samples.width, samples.height) == (theirs.width, theirs.height)
    assert rms(samples.data, theirs.data) < 2


def test_a_part_is_drawn_as_samples() -> None:
    soft = jpegs.scene(400, 304).filter(ImageFilter.GaussianBlur(8))
    box = (100, 4, 400, 204)

    with decode_planes(jpegs.save(soft), soft.size, luma=soft.size, chroma=(200, 152)) as planes:
        samples = planes.draw_samples(box, (150, 100))

    theirs = soft.resize((150, 100), Image.Resampling.LANCZOS, box=box)
    assert rms(samples.data, samples_of(theirs, "4:2:0").data) < 1.5


def rms(ours: bytes, theirs: bytes) -> float:
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(ours, theirs, strict=True)) / len(ours))


def test_the_file_is_the_same_on_every_machine() -> None:
    samples = random_samples(33, 17, "4:2:0")

    data = [encode_samples(samples, 82, scans) for scans in get_args(Scans)]

    assert (
        sha256(b"".join(data)).hexdigest()
        == "f5d766a71e5d34fd6ca18d407c057a0aed0b327c6694ae9002dc5fb2048b8d33"
    )


def test_samples_or_pixels_of_another_number_are_refused() -> None:
    with pytest.raises(Refused):
        encode_samples(Samples(0, 5, "grey", b""), 82, "single")
    with pytest.raises(Refused):
        encode_samples(Samples(8, 8, "grey", bytes(64)), 101, "single")
    for wrong in ([bytes(80)], [bytes(48)], [bytes(48), bytes(16)]):
        with pytest.raises(Refused):
            samples_of_pixels(4, 4, wrong, "4:2:0")
    with pytest.raises(Refused):
        encode_samples(Samples(8, 8, "4:2:0", bytes(95)), 82, "single")


def test_an_image_beyond_the_sandbox_s_memory_is_refused() -> None:
    size = (65_535, 4_100)

    with pytest.raises(Refused) as caught:
        encode_samples(Samples(*size, "grey", bytes(size[0] * size[1])), 82, "single")

    assert caught.value.reason == "no_memory"
