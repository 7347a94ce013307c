import struct
import zlib
from collections.abc import Callable, Sequence

import pytest
from fakes.tiff_files import Page, tags_of, tiff_file
from PIL import Image

from imagemill.errors import UnsupportedFormat
from imagemill.imaging import Rendered, Rendition, probe

FLOAT, SIGNED = 3, 2

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]


def tiff(
    samples: Sequence[bytes],
    bits: int,
    photometric: int = 2,
    **extra: int | tuple[int, ...],
) -> bytes:
    """A TIFF of two equal pixels; `samples` are the stored bytes of one pixel."""
    pixel = b"".join(samples)
    is_planar = extra.get("t284") == 2
    strips = [sample * 2 for sample in samples] if is_planar else [pixel * 2]
    body, offsets = b"", []
    for strip in strips:
        offsets.append(8 + len(body))
        body += strip
    tags: dict[int, tuple[int, ...]] = {
        256: (2,),
        257: (1,),
        258: (bits,) * len(samples),
        259: (1,),
        262: (photometric,),
        273: tuple(offsets),
        277: (len(samples),),
        278: (1,),
        279: tuple(map(len, strips)),
    } | {
        int(name[1:]): value if isinstance(value, tuple) else (value,)
        for name, value in extra.items()
    }
    return b"II*\0" + struct.pack("<I", 8 + len(body)) + body + directory(tags, 8 + len(body))


def deflated(row: bytes, bits: int, **extra: int) -> bytes:
    """A TIFF of two pixels of three samples, compressed with Deflate."""
    more = {int(name[1:]): value for name, value in extra.items()}
    return tiff_file(Page(tags_of(2, 1, bits=bits) | {259: 8} | more, [zlib.compress(row)]))


def directory(tags: dict[int, tuple[int, ...]], at: int) -> bytes:
    spill = at + 2 + 12 * len(tags) + 4
    entries, values = struct.pack("<H", len(tags)), b""
    for tag, numbers in sorted(tags.items()):
        packed = struct.pack(f"<{len(numbers)}I", *numbers)
        place = packed if len(numbers) == 1 else struct.pack("<I", spill + len(values))
        values += b"" if len(numbers) == 1 else packed
        entries += struct.pack("<HHI", tag, 4, len(numbers)) + place
    return entries + bytes(4) + values


def numbers(kind: str, *values: float) -> list[bytes]:
    return [struct.pack(kind, value) for value in values]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (tiff(numbers("<f", 1.0, 0.5, 0.0), 32, t339=FLOAT), (255, 188, 0)),
        (tiff(numbers("<e", 1.0, 0.5, 0.0), 16, t339=FLOAT), (255, 188, 0)),
        (tiff(numbers("<d", 9.0, 0.5, -1.0), 64, t339=FLOAT), (255, 188, 0)),
        (tiff(numbers("<f", float("nan"), 0.5, 0.0), 32, t339=FLOAT), (0, 188, 0)),
        (tiff(numbers("<I", 2**32 - 1, 2**31, 0), 32), (255, 128, 0)),
        (tiff(numbers("<h", 32_767, 0, -32_768), 16, t339=SIGNED), (255, 128, 0)),
        (tiff(numbers("<H", 65_535, 32_768, 0), 16, t284=2), (255, 128, 0)),
        (tiff(numbers("<I", 2**32 - 1, 2**31, 0), 32, t284=2), (255, 128, 0)),
    ],
)
def test_samples_that_pillow_has_no_mode_for_are_scaled(
    data: bytes, shown: tuple[int, int, int], render_one: RenderOne, reopen: Reopen
) -> None:
    assert reopen(render_one(data, "500:png")).convert("RGB").getpixel((1, 0)) == shown


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (tiff(numbers("B", 0, 255, 255, 0, 128), 8, 5, t338=2), (255, 0, 0, 128)),
        (tiff(numbers("<H", 0, 65_535, 65_535, 0, 0), 16, 5, t338=2), (255, 0, 0, 0)),
        (tiff(numbers("<f", 1.0, 0.5, 0.0, 0.5), 32, t339=FLOAT, t338=2), (255, 188, 0, 128)),
        (tiff(numbers("B", 136, 0, 0, 51), 8, 8, t338=2), (128, 128, 128, 51)),
    ],
)
def test_alpha_of_cmyk_floats_and_lab_is_kept(
    data: bytes, shown: tuple[int, ...], render_one: RenderOne, reopen: Reopen
) -> None:
    seen = reopen(render_one(data, "500:png")).convert("RGBA").getpixel((0, 0))

    assert seen[3] == shown[3]  # type: ignore[index]  # RGBA is a tuple
    assert not shown[3] or seen == pytest.approx(shown, abs=3)


def test_ycbcr_is_not_read_as_rgb(render_one: RenderOne, reopen: Reopen) -> None:
    four_and_two = numbers("B", 76, 76, 76, 76, 85, 255)
    red = tiff(four_and_two, 8, 6, t257=2, t258=(8, 8, 8), t277=3, t278=2, t530=(2, 2))

    small = reopen(render_one(red, "500:png"))

    assert small.size == (2, 2)
    assert small.getpixel((1, 1)) == pytest.approx((254, 0, 0), abs=2)


def test_integers_beyond_sixteen_bits_are_stretched(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = Image.new("I", (40, 20), 500_000)
    image.paste(1_000_000, (20, 0, 40, 20))
    image.paste(0, (0, 0, 4, 4))

    small = reopen(render_one(save(image, "TIFF"), "500:png"))

    assert [small.getpixel(spot) for spot in ((1, 1), (10, 10), (30, 10))] == [0, 128, 255]


def test_a_png_with_a_transparent_4_bit_grey_is_not_copied(
    noise: Callable[[int, int], Image.Image], save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    grain = noise(80, 60).convert("L").point([value // 32 * 17 for value in range(256)])
    data = save(grain, "PNG", bits=4, transparency=3)

    assert "A" in reopen(render_one(data, "500")).convert("RGBA").getbands()
    assert reopen(render_one(data, "500")).mode in ("LA", "P")


def test_an_extra_sample_not_declared_alpha_is_ignored(
    render_one: RenderOne, reopen: Reopen
) -> None:
    data = tiff(numbers("B", 0, 255, 255, 0, 128), 8, 5, t338=0)

    small = reopen(render_one(data, "500:png"))

    assert small.mode == "RGB"
    assert small.getpixel((0, 0)) == (255, 0, 0)


def test_the_horizontal_predictor_is_undone(render_one: RenderOne, reopen: Reopen) -> None:
    row = struct.pack("<6I", 2**31, 0, 2**30, 2**30, 2**31, 0)
    data = deflated(row, 32, t317=2)

    small = reopen(render_one(data, "500:png"))

    assert [small.getpixel((x, 0)) for x in (0, 1)] == [(128, 0, 64), (192, 128, 64)]


def test_the_predictor_of_signed_numbers_is_undone(render_one: RenderOne, reopen: Reopen) -> None:
    row = struct.pack("<6h", -32_768, 16_384, 0, 0, 16_383, -7)
    data = deflated(row, 16, t317=2, t339=SIGNED)

    small = reopen(render_one(data, "500:png"))

    assert [small.getpixel((x, 0)) for x in (0, 1)] == [(0, 192, 128), (0, 255, 127)]


def test_the_predictor_of_floats_is_undone(render_one: RenderOne, reopen: Reopen) -> None:
    rows = struct.pack(">6f", 1.0, 0.5, 0.0, 0.0, 0.5, 1.0)
    apart = b"".join(rows[at::4] for at in range(4))
    less = bytes((b - (apart[at - 3] if at >= 3 else 0)) & 255 for at, b in enumerate(apart))
    data = deflated(less, 32, t317=3, t339=FLOAT)

    small = reopen(render_one(data, "500:png"))

    assert [small.getpixel((x, 0)) for x in (0, 1)] == [(255, 188, 0), (0, 188, 255)]


@pytest.mark.parametrize(
    "data",
    [
        tiff(numbers("<H", 1, 2, 3), 16, 32_845, t259=34_676),
        tiff(numbers("<H", 1), 16, 3),
        tiff(numbers("B", 1, 2, 3), 8, t259=50_001),
        tiff(numbers("B", 1, 2, 3), 8, t259=34_887),
    ],
)
def test_an_unknown_sample_layout_is_unsupported(data: bytes) -> None:
    with pytest.raises(UnsupportedFormat):
        probe(data)


def test_a_palette_written_in_eight_bits_is_not_black(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    data = bytearray(save(image, "TIFF"))
    at = data.index(struct.pack("<HH", 320, 3))
    count, start = struct.unpack_from("<II", data, at + 4)
    wide = struct.unpack_from(f"<{count}H", data, start)
    struct.pack_into(f"<{count}H", data, start, *(value >> 8 for value in wide))

    small = reopen(render_one(bytes(data), "500:png"))

    assert small.convert("RGB").getpixel((1, 1)) == (200, 100, 50)


@pytest.mark.parametrize(("mode", "key", "other"), [("L", 17 * 15, 0), ("I;16", 0x4000, 0xC000)])
def test_a_transparent_grey_of_any_bit_depth_is_transparent(
    mode: str, key: int, other: int, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    drawn = Image.new("I" if mode == "I;16" else "L", (40, 20), key)
    drawn.paste(other, (20, 0, 40, 20))
    bits = {"bits": 4} if mode == "L" else {}
    stored = drawn.convert(mode) if mode == "I;16" else drawn.convert("L")
    data = save(stored, "PNG", transparency=key if mode == "I;16" else 255, **bits)

    alpha = reopen(render_one(data, "500")).convert("RGBA").getchannel("A")

    assert (alpha.getpixel((5, 5)), alpha.getpixel((35, 5))) == (0, 255)
