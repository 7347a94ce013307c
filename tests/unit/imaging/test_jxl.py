"""JPEG XL: pixels, orientation, colours, animation, damage and limits."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from fakes.jxl_files import in_container, make_box
from PIL import Image, ImageChops

from imagemill.errors import CorruptImage, ImageRejected, OverBudget, TooManyPixels
from imagemill.imaging import Limits, Rendered, Rendition, probe, render
from imagemill.imaging.decode import open_image
from imagemill.imaging.fastjpeg import Refused, machine_code
from imagemill.imaging.icc import from_codes
from imagemill.imaging.jxl import sandbox
from imagemill.imaging.jxl.decoder import JxlDecoder
from imagemill.imaging.jxl.encoder import (
    Coding,
    FrameEncoder,
    encode_still,
)
from imagemill.imaging.jxl.sandbox import is_prepared, prepare, source, take
from imagemill.imaging.limits import DEFAULT_LIMITS
from imagemill.imaging.worker_process import render_isolated
from imagemill.recipe import Recipe

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]
Draw = Callable[[int, int], Image.Image]

pytestmark = pytest.mark.skipif(not prepare(), reason="needs wasmtime")
SMALL = Coding(1, 1, 3, 100, 1)


def encoded(pixels: Image.Image, quality: float = 100, effort: int = 1, exif: bytes = b"") -> bytes:
    """Return the pixels as JPEG XL, without loss unless the quality is below 100."""
    coding = Coding(pixels.width, pixels.height, len(pixels.mode), quality, effort, exif)
    return encode_still(coding, pixels.tobytes())


# Size of test images. Their header has 22 bits, after the 2 bytes of the signature.
SIZE = (60, 40)
FRAMES_AT = 5


class Writer:
    """Writes numbers bit by bit, the lowest first."""

    def __init__(self) -> None:
        self.number, self.bits = 0, 0

    def put(self, *pairs: tuple[int, int]) -> "Writer":
        """Append pairs of a number and its width."""
        for number, bits in pairs:
            self.number |= number << self.bits
            self.bits += bits
        return self

    def content(self) -> bytes:
        return self.number.to_bytes(-(-self.bits // 8), "little")


def with_header(data: bytes, orientation: int = 1, colours: tuple[int, int] = (1, 13)) -> bytes:
    """Return a lossless RGB file of SIZE with another header: 18181-1, annex D.

    `colours` are the codes of primaries and transfer in JPEG XL.
    """
    writer = Writer().put((1, 1), (SIZE[1] // 8 - 1, 5), (4, 3))
    # Extra fields: orientation, no intrinsic size, preview and animation.
    writer.put((0, 1), (1, 1), (orientation - 1, 3), (0, 3))
    # Integers of 8 bits, 16-bit buffers, no extra channel, not XYB.
    writer.put((0, 1), (0, 2), (1, 1), (0, 2), (0, 1))
    # No default, no ICC profile, RGB, white D65, primaries, no gamma, transfer, relative intent.
    primaries, transfer = (code(number) for number in colours)
    writer.put((0, 1), (0, 1), code(0), code(1), primaries, (0, 1), transfer, code(1))
    # Default tone mapping, no extensions, default transform.
    writer.put((1, 1), (0, 2), (1, 1))
    return data[:2] + writer.content() + data[FRAMES_AT:]


def code(number: int) -> tuple[int, int]:
    """Return an enumerated value as U32(0, 1, 2 + u(4), 18 + u(6)), with its width."""
    if number < 2:
        return number, 2
    return (2 | (number - 2) << 2, 6) if number < 18 else (3 | (number - 18) << 2, 8)


def difference(one: Image.Image, other: Image.Image) -> int:
    """Return the largest difference of any sample."""
    return max(ImageChops.difference(one, other).tobytes())


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_lossless_pixels_are_exact(mode: str, quarters: Draw) -> None:
    pixels = quarters(*SIZE).convert(mode)
    if "A" in mode:
        pixels.putalpha(Image.linear_gradient("L").resize(SIZE))

    image = open_image(encoded(pixels), "jxl")

    assert image.mode == mode
    assert image.has_transparency_data == ("A" in mode)
    assert difference(image, pixels) == 0


def test_lossy_pixels_are_close(quarters: Draw, render_one: RenderOne, reopen: Reopen) -> None:
    pixels = quarters(600, 400)

    made = reopen(render_one(encoded(pixels, 90), "600:png")).convert("RGB")

    assert difference(made.reduce(20), pixels.reduce(20)) < 10


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_the_header_is_applied(
    orientation: int, quarters: Draw, render_one: RenderOne, reopen: Reopen
) -> None:
    pixels = quarters(*SIZE)
    upright = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    wanted = pixels.transpose(upright[orientation]) if orientation > 1 else pixels

    made = reopen(render_one(with_header(encoded(pixels), orientation), "60:png")).convert("RGB")

    assert made.size == wanted.size
    assert difference(made, wanted) == 0


def test_a_worker_process_decodes_without_compiling(quarters: Draw) -> None:
    data = encoded(quarters(*SIZE))

    made = render_isolated(data, Recipe.parse("30:png"), DEFAULT_LIMITS, 30)

    assert made.compiled == 0
    assert made.renditions[0].width == 30


def test_exif_does_not_turn_the_image(quarters: Draw, render_one: RenderOne) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x8298] = 6, "Ana"
    data = encoded(quarters(*SIZE), exif=exif.tobytes()[6:])

    made = render_one(data, "60:jpeg")

    assert (made.width, made.height) == SIZE
    assert probe(data).copyright == "Ana"
    assert b"Ana" in made.data


def test_wide_colours_are_converted_as_by_a_profile(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    pixels = Image.new("RGB", SIZE, (100, 200, 100))
    # Display P3: 11 in JPEG XL with the white D65, 12 in H.273.
    tagged = save(pixels, "PNG", icc_profile=from_codes(12, 13))

    made = reopen(render_one(with_header(encoded(pixels), colours=(11, 13)), "60:png"))

    wanted = reopen(render_one(tagged, "60:png")).convert("RGB")
    assert difference(wanted, pixels) > 20
    assert difference(made.convert("RGB"), wanted) == 0


def test_pq_is_tone_mapped_with_a_warning(render_all: Render) -> None:
    data = with_header(encoded(Image.new("RGB", SIZE, (150, 150, 150))), colours=(9, 16))

    made = render_all(data, "60:png")

    assert made.facts.codes == (9, 16)
    assert "hdr" in made.warnings


def test_a_gain_map_is_reported(quarters: Draw) -> None:
    data = in_container(encoded(quarters(*SIZE)), make_box(b"jhgm", bytes(40)))

    assert probe(data).has_gain_map
    assert probe(data).hdr == "gain_map"


def test_an_animation_keeps_frames_timing_and_loops(reopen: Reopen, render_all: Render) -> None:
    colours = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    encoder = FrameEncoder(replace(SMALL, width=60, height=40), 2)
    for each in colours:
        encoder.add(Image.new("RGB", SIZE, each).tobytes(), 120)

    made = render_all(encoder.finish(), "60:png")
    animation = reopen(made.renditions[0])

    assert (made.facts.frames, made.facts.loops) == (3, 2)
    assert getattr(animation, "n_frames", 1) == 3
    assert animation.info["loop"] == 2
    for index, colour in enumerate(colours):
        animation.seek(index)
        assert animation.convert("RGB").getpixel((30, 20)) == colour
        assert animation.info["duration"] == 120


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_file_is_shown_as_far_as_it_goes(share: float, render_all: Render) -> None:
    noise = Image.effect_noise((600, 400), 80).convert("RGB")
    data = encoded(noise, 80, effort=3)

    made = render_all(data[: int(len(data) * share)], "300:png")

    assert made.warnings[0] == "truncated"


def test_a_file_that_ends_after_its_header_is_corrupt(quarters: Draw, render_all: Render) -> None:
    with pytest.raises(CorruptImage):
        render_all(encoded(quarters(*SIZE))[: FRAMES_AT + 2])


def test_the_size_is_checked_before_anything_is_decoded() -> None:
    # Each side has 30 bits: 1,073,741,824 px.
    header = Writer().put((0, 1), (3, 2), ((1 << 30) - 1, 30), (1, 3), (1, 1)).content()

    with pytest.raises(TooManyPixels):
        render(b"\xff\x0a" + header, Recipe.parse("500"))


def test_partial_boxes_are_put_together(quarters: Draw, render_one: RenderOne) -> None:
    whole = in_container(encoded(quarters(*SIZE)))
    start = whole.index(b"jxlc") + 4
    stream = whole[start:]
    first = make_box(b"jxlp", bytes(4) + stream[:4])
    last = make_box(b"jxlp", b"\x80\0\0\1" + stream[4:])

    made = render_one(whole[: start - 8] + first + last, "60:png")

    assert (made.width, made.height) == SIZE


def test_an_image_over_the_memory_limit_is_rejected() -> None:
    data = encoded(Image.new("RGB", (3000, 2000)))

    with pytest.raises(OverBudget):
        render(data, Recipe.parse("500"), Limits(max_memory_bytes=100 << 20))


def test_the_sandbox_allows_no_more_memory_than_granted() -> None:
    decoder = JxlDecoder(encoded(Image.new("RGB", (1000, 1000))), 20 << 20)

    with pytest.raises(Refused, match=r"no_memory|trapped"):
        decoder.next_frame()


def test_endless_work_is_stopped(quarters: Draw) -> None:
    data = encoded(quarters(*SIZE))
    sandbox = take(10_000_000, 64 << 20)
    sandbox.put(data)
    sandbox.grant(1_000)

    with pytest.raises(Refused, match="trapped"):
        sandbox.call("open", len(data))


def test_the_module_imports_nothing() -> None:
    module = source()

    # The sections of a module: a number, a length of LEB128, the content. 2 is that of imports.
    at, found = 8, set()
    while at < len(module):
        kind, length, shift = module[at], 0, 0
        at += 1
        while True:
            byte = module[at]
            length |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                break
        found.add(kind)
        at += length
    assert 10 in found
    assert 2 not in found


@pytest.mark.parametrize("seed", range(30))
def test_damaged_files_are_rendered_or_rejected(seed: int, quarters: Draw) -> None:
    random = Random(seed)  # noqa: S311 - reproducible
    pixels = quarters(96, 64).convert(random.choice(["L", "RGB", "RGBA"]))
    data = bytearray(encoded(pixels, random.choice([60, 100])))
    for _ in range(random.randint(1, 6)):
        data[random.randrange(2, len(data))] = random.randrange(256)

    try:
        made = render(bytes(data), Recipe.parse("48"))
    except ImageRejected:
        return

    assert Image.open(BytesIO(made.renditions[0].data)).size == (
        made.renditions[0].width,
        made.renditions[0].height,
    )


def test_machine_code_is_prepared_once_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "__pycache__" / "jxl.cwasm"
    monkeypatch.setattr(sandbox, "paths", lambda: (path,))
    before = is_prepared()

    machine_code.write(source(), b"machine code", path)

    assert (before, is_prepared()) == (False, True)
