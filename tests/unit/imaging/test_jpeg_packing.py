"""JPEG files packed as JPEG XL come back bit for bit, or are not packed."""

from collections.abc import Callable
from random import Random

import pytest
from fakes.jxl_files import in_container
from PIL import Image, ImageChops, ImageStat

from imagemill.errors import CorruptImage, ImageRejected, OverBudget
from imagemill.imaging import Rendition
from imagemill.imaging.icc import from_codes
from imagemill.imaging.jxl import transcoding
from imagemill.imaging.jxl.encoder import Coding, encode_still
from imagemill.imaging.jxl.sandbox import prepare
from imagemill.imaging.jxl.transcoding import HEAD_BYTES, is_packed_jpeg, pack_jpeg, unpack_jpeg

Save = Callable[..., bytes]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]

pytestmark = pytest.mark.skipif(not prepare(), reason="needs wasmtime")
SECONDS = 60.0
SIZE = (203, 117)


def photo(mode: str = "RGB") -> Image.Image:
    """Return smooth noise."""
    planes = [Image.effect_noise((50, 30), 60 + 20 * each).resize(SIZE) for each in range(3)]
    return Image.merge("RGB", planes).convert(mode)


def exif() -> bytes:
    tags = Image.Exif()
    tags[0x0112], tags[0x8298] = 6, "Ana"
    return tags.tobytes()


def noise(count: int) -> bytes:
    """Return bytes that cannot be packed, the same every time."""
    return Random(count).randbytes(count)  # noqa: S311


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """Return the file with segments after its first marker."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


OPTIONS: dict[str, dict[str, object]] = {
    "4:2:0": {},
    "4:2:2": {"subsampling": 1},
    "4:4:4": {"subsampling": 0},
    "components of red, green and blue": {"keep_rgb": True},
    "progressive": {"progressive": True},
    "optimised tables": {"optimize": True},
    "restart markers": {"restart_marker_blocks": 3},
    "EXIF": {"exif": exif()},
    "ICC profile": {"icc_profile": from_codes(12, 13)},
    "comment": {"comment": b"by Ana"},
    "quality 100": {"quality": 100},
    "quality 5": {"quality": 5},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_a_packed_jpeg_comes_back_bit_for_bit(name: str, save: Save) -> None:
    jpeg = save(photo(), "JPEG", **OPTIONS[name])

    packed = pack_jpeg(jpeg, seconds=SECONDS)

    assert packed is not None
    assert len(packed) < 0.99 * len(jpeg)
    assert unpack_jpeg(packed, seconds=SECONDS) == jpeg


def test_a_grey_jpeg_with_a_grey_profile_comes_back(save: Save) -> None:
    jpeg = save(photo("L"), "JPEG", icc_profile=from_codes(12, 13, is_grey=True))

    packed = pack_jpeg(jpeg, seconds=SECONDS)

    assert packed is not None
    assert unpack_jpeg(packed, seconds=SECONDS) == jpeg


@pytest.mark.parametrize(
    "added",
    [
        pytest.param(noise(200), id="other bytes"),
        pytest.param(b"\xff\xd8\xff\xe1" + noise(100) + b"\xff\xd9", id="a second image"),
        pytest.param(b"\0", id="one byte"),
    ],
)
def test_bytes_after_the_end_come_back(added: bytes, save: Save) -> None:
    jpeg = save(photo(), "JPEG") + added

    packed = pack_jpeg(jpeg, seconds=SECONDS)

    assert packed is not None
    assert unpack_jpeg(packed, seconds=SECONDS) == jpeg


def test_segments_of_any_application_come_back(save: Save) -> None:
    jpeg = with_segments(
        save(photo(), "JPEG", exif=exif()),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
        segment(0xE2, b"MPF\0" + noise(80)),
        segment(0xED, b"Photoshop 3.0\0" + noise(50)),
        segment(0xEB, b""),
    )

    packed = pack_jpeg(jpeg, seconds=SECONDS)

    assert packed is not None
    assert unpack_jpeg(packed, seconds=SECONDS) == jpeg


def test_a_packed_jpeg_is_smaller_by_a_tenth(save: Save) -> None:
    jpeg = save(photo(), "JPEG", quality=92)

    packed = pack_jpeg(jpeg, seconds=SECONDS)

    assert packed is not None
    assert len(packed) < 0.9 * len(jpeg)


@pytest.mark.parametrize("name", ["4:2:0", "4:4:4", "EXIF", "ICC profile"])
def test_a_container_looks_as_its_jpeg(
    name: str, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    # Decoders differ in coarse coefficients, and at the limits of a sample.
    pixels = photo().point(lambda sample: 96 + sample // 4)
    jpeg = save(pixels, "JPEG", quality=95, **OPTIONS[name])

    packed = pack_jpeg(jpeg, seconds=SECONDS)

    assert packed is not None
    wanted, shown = (reopen(render_one(file, "200:png")) for file in (jpeg, packed))
    assert shown.size == wanted.size
    assert max(ImageStat.Stat(ImageChops.difference(shown, wanted)).mean) < 2


@pytest.mark.parametrize(
    "jpeg",
    [
        pytest.param(b"", id="no bytes"),
        pytest.param(b"\xff\xd8\xff\xd9", id="no image"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + noise(100), id="another format"),
    ],
)
def test_a_file_without_an_image_is_not_packed(jpeg: bytes) -> None:
    assert pack_jpeg(jpeg, seconds=SECONDS) is None


def test_a_jpeg_of_four_colours_is_not_packed(save: Save) -> None:
    assert pack_jpeg(save(photo("CMYK"), "JPEG"), seconds=SECONDS) is None


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_ends_early_is_not_packed(progressive: bool, save: Save) -> None:
    jpeg = save(photo(), "JPEG", progressive=progressive)

    assert pack_jpeg(jpeg[: len(jpeg) * 2 // 3], seconds=SECONDS) is None


def test_a_jpeg_that_would_hardly_be_smaller_is_not_packed(save: Save) -> None:
    jpeg = save(photo(), "JPEG")

    assert pack_jpeg(jpeg + noise(40 * len(jpeg)), seconds=SECONDS) is None


def test_a_jpeg_from_whose_container_libjxl_restores_nothing_is_not_packed(save: Save) -> None:
    # libjxl drops a profile that is there twice, and misses it when it unpacks.
    profile = segment(0xE2, b"ICC_PROFILE\0\1\1" + (from_codes(12, 13) or b""))
    jpeg = save(photo(), "JPEG")

    assert pack_jpeg(with_segments(jpeg, profile), seconds=SECONDS) is not None
    assert pack_jpeg(with_segments(jpeg, profile, profile), seconds=SECONDS) is None


def test_a_jpeg_that_would_come_back_changed_is_not_packed(
    save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    jpeg = save(photo(), "JPEG")
    monkeypatch.setattr(transcoding, "_unpack", lambda *_: jpeg[:-1])

    assert pack_jpeg(jpeg, seconds=SECONDS) is None


def test_a_jpeg_that_needs_more_memory_than_a_function_has_is_not_packed(
    save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    jpeg = save(photo(), "JPEG")
    monkeypatch.setattr(transcoding, "_MOST_TOUCHED", 24 * SIZE[0] * SIZE[1])

    assert pack_jpeg(jpeg, seconds=SECONDS) is None


def test_packing_ends_at_the_limit_of_time(save: Save) -> None:
    jpeg = save(photo(), "JPEG")

    assert pack_jpeg(jpeg, seconds=0.001) is None


def test_unpacking_ends_at_the_limit_of_time(save: Save) -> None:
    packed = pack_jpeg(save(photo(), "JPEG"), seconds=SECONDS)

    assert packed is not None
    with pytest.raises(OverBudget):
        unpack_jpeg(packed, seconds=0.0001)


@pytest.mark.parametrize("share", [0.2, 0.6, 0.99])
def test_a_container_that_ends_early_is_corrupt(share: float, save: Save) -> None:
    packed = pack_jpeg(save(photo(), "JPEG"), seconds=SECONDS)

    assert packed is not None
    with pytest.raises(CorruptImage):
        unpack_jpeg(packed[: int(share * len(packed))], seconds=SECONDS)


def test_jpeg_xl_of_pixels_is_not_unpacked() -> None:
    still = in_container(encode_still(Coding(*SIZE, 3, 90, 1), photo().tobytes()))

    assert not is_packed_jpeg(still)
    with pytest.raises(CorruptImage):
        unpack_jpeg(still, seconds=SECONDS)


def test_a_packed_jpeg_is_known_by_its_first_bytes(save: Save) -> None:
    jpeg = save(photo(), "JPEG", exif=exif(), comment=noise(30_000))
    packed = pack_jpeg(jpeg, seconds=SECONDS)

    assert packed is not None
    assert is_packed_jpeg(packed[:HEAD_BYTES])
    assert not is_packed_jpeg(jpeg)


def test_damage_ends_in_another_file_or_a_coded_error(save: Save) -> None:
    packed = pack_jpeg(save(photo(), "JPEG", exif=exif()), seconds=SECONDS)

    assert packed is not None
    outcomes = {unpacked_or_code(changed(packed, seed)) for seed in range(60)}
    assert "corrupt" in outcomes


def changed(data: bytes, seed: int) -> bytes:
    """Return the bytes with one bit changed."""
    random, found = Random(seed), bytearray(data)  # noqa: S311 - reproducible
    found[random.randrange(len(found))] ^= 1 << random.randrange(8)
    return bytes(found)


def unpacked_or_code(packed: bytes) -> bytes | str:
    """Return the file, or the code of the error."""
    try:
        return unpack_jpeg(packed, seconds=SECONDS)
    except ImageRejected as error:
        return error.code
