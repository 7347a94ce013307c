import struct
from collections.abc import Callable

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from imagemill.imaging import Rendered, Rendition
from imagemill.imaging.colour import make_conversion
from imagemill.imaging.hdr_profile import read_hdr_codes
from imagemill.imaging.icc import from_codes, pq_nits, srgb_tag

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]


def profile_bytes(space: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()  # type: ignore[arg-type]  # a literal


def swapped_primaries() -> bytes:
    """An sRGB profile with red and blue swapped, under another name."""
    profile = bytearray(profile_bytes("sRGB"))
    tags = int.from_bytes(profile[128:132], "big")
    spots = {bytes(profile[at : at + 4]): at + 4 for at in range(132, 132 + 12 * tags, 12)}
    red, blue = spots[b"rXYZ"], spots[b"bXYZ"]
    profile[red : red + 8], profile[blue : blue + 8] = (
        profile[blue : blue + 8],
        profile[red : red + 8],
    )
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))


@pytest.mark.parametrize("to", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_an_embedded_profile_is_followed(
    to: str, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(Image.new("RGB", (300, 200), (240, 10, 10)), to, icc_profile=swapped_primaries())

    small = reopen(render_one(data, "100:png"))

    assert small.convert("RGB").getpixel((50, 30)) == pytest.approx((10, 10, 240), abs=6)


@pytest.mark.parametrize("recipe", ["100", "500"])
@pytest.mark.parametrize("to", ["JPEG", "PNG", "WEBP"])
def test_a_rendition_keeps_no_profile_but_srgb(
    to: str, recipe: str, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(Image.new("RGB", (300, 200), (240, 10, 10)), to, icc_profile=swapped_primaries())

    left = reopen(render_one(data, recipe)).info.get("icc_profile")
    assert left in (None, srgb_tag(is_grey=False))


def test_alpha_is_kept_when_a_profile_is_applied(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = Image.new("RGBA", (300, 200), (240, 10, 10, 100))

    small = reopen(render_one(save(image, "PNG", icc_profile=swapped_primaries()), "100"))

    assert small.getpixel((50, 30)) == pytest.approx((10, 10, 240, 100), abs=3)


@pytest.mark.parametrize("profile", [b"junk", b"\0" * 200, profile_bytes("sRGB")[:300]])
def test_a_broken_profile_is_a_warning_and_the_colours_stay(
    profile: bytes, save: Save, render_all: Render, reopen: Reopen
) -> None:
    data = save(Image.new("RGB", (300, 200), (240, 10, 10)), "PNG", icc_profile=profile)

    rendered = render_all(data, "100")

    assert rendered.warnings == ("profile_ignored",)
    assert reopen(rendered.renditions[0]).convert("RGB").getpixel((5, 5)) == (240, 10, 10)


def test_a_profile_for_other_pixels_is_a_warning(save: Save, render_all: Render) -> None:
    data = save(Image.new("L", (300, 200), 99), "PNG", icc_profile=profile_bytes("sRGB"))

    assert render_all(data, "100").warnings == ("profile_ignored",)


def test_cmyk_becomes_rgb(save: Save, render_one: RenderOne, reopen: Reopen) -> None:
    data = save(Image.new("CMYK", (300, 200), (0, 255, 255, 0)), "JPEG", quality=95)

    small = reopen(render_one(data, "100"))

    assert small.mode == "RGB"
    assert small.getpixel((50, 30)) == pytest.approx((255, 0, 0), abs=4)


def test_cmyk_that_already_fits_becomes_rgb_too(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(Image.new("CMYK", (30, 20), (0, 255, 255, 0)), "JPEG", quality=95)

    assert reopen(render_one(data, "500")).mode == "RGB"


def test_lab_becomes_srgb(save: Save, render_one: RenderOne, reopen: Reopen) -> None:
    grey = ImageCms.profileToProfile(
        Image.new("RGB", (300, 200), (119, 119, 119)),
        ImageCms.createProfile("sRGB"),
        ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )
    assert grey is not None

    small = reopen(render_one(save(grey, "TIFF"), "100:png")).convert("RGB")

    assert small.getpixel((50, 30)) == pytest.approx((119, 119, 119), abs=2)


def test_grey_stays_grey(save: Save, render_one: RenderOne, reopen: Reopen) -> None:
    data = save(Image.new("L", (300, 200), 99), "JPEG")

    assert reopen(render_one(data, "100")).mode == "L"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_without_a_profile_nothing_is_converted(mode: str) -> None:
    pixels = Image.new(mode, (4, 4), "red")

    assert make_conversion(None, mode).apply(pixels) is pixels


def test_a_profile_of_megabytes_is_not_read() -> None:
    conversion = make_conversion(swapped_primaries() + bytes(5 << 20), "RGB")

    assert (conversion.transform, conversion.warning) == (None, "profile_ignored")


def test_srgb_itself_is_not_converted() -> None:
    assert make_conversion(profile_bytes("sRGB"), "RGB").transform is None


@pytest.mark.parametrize(("transfer", "warnings"), [(16, ("hdr",)), (18, ("hdr",)), (13, ())])
def test_brightness_beyond_white_is_a_warning(
    transfer: int, warnings: tuple[str, ...], save: Save, render_all: Render
) -> None:
    data = bytearray(save(Image.new("RGB", (64, 64), "teal"), "AVIF"))
    at = data.index(b"colrnclx")
    data[at + 10 : at + 12] = transfer.to_bytes(2, "big")

    assert render_all(bytes(data), "32").warnings == warnings


@pytest.mark.parametrize("mode", ["P", "1"])
def test_a_profile_applies_to_palettes_and_not_to_images_without_colour(
    mode: str, save: Save, render_all: Render, reopen: Reopen
) -> None:
    image = Image.new("RGB", (60, 40), (240, 10, 10)).convert(mode)
    data = save(image, "PNG", icc_profile=swapped_primaries())

    rendered = render_all(data, "30:png")

    colour = reopen(rendered.renditions[0]).convert("RGB").getpixel((5, 5))
    assert (colour == pytest.approx((10, 10, 240), abs=6)) == (mode == "P")
    assert rendered.warnings == (() if mode == "P" else ("profile_ignored",))


def test_a_profile_that_is_named_srgb_but_is_not_is_followed() -> None:
    wide = from_codes(12, 13)
    assert wide is not None
    named = wide.replace("coded".encode("utf-16-be"), "ssRGB".encode("utf-16-be"))

    assert make_conversion(named, "RGB").transform is not None


def with_tag(profile: bytes, name: bytes, content: bytes) -> bytes:
    """Return the profile with one more tag."""
    count = int.from_bytes(profile[128:132], "big")
    entries = [profile[at : at + 12] for at in range(132, 132 + 12 * count, 12)]
    moved = [
        entry[:4] + (int.from_bytes(entry[4:8], "big") + 12).to_bytes(4, "big") + entry[8:]
        for entry in entries
    ]
    body = profile[132 + 12 * count :]
    start = 132 + 12 * (count + 1) + len(body)
    added = name + struct.pack(">II", start, len(content))
    whole = (count + 1).to_bytes(4, "big") + b"".join([*moved, added]) + body + content
    return (128 + len(whole)).to_bytes(4, "big") + profile[4:128] + whole


def pq_profile(cicp: bytes = b"") -> bytes:
    """Return a BT.2020 profile with PQ as its curve; 1 is 10,000 cd/m²."""
    curve = [round(65_535 * pq_nits(at / 1023) / 10_000) for at in range(1024)]
    table = struct.pack(">4sII1024H", b"curv", 0, 1024, *curve)
    mapped = from_codes(9, 16)
    assert mapped is not None
    at = mapped.index(b"curv\0\0\0\0")
    plain = mapped[:at] + table + mapped[at + len(table) :]
    return with_tag(plain, b"cicp", b"cicp" + bytes(4) + cicp) if cicp else plain


@pytest.mark.parametrize("cicp", [bytes((9, 16, 0, 1)), bytes((2, 16, 0, 1)), b""])
@pytest.mark.parametrize("to", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_pq_that_only_a_profile_declares_is_tone_mapped(
    to: str, cicp: bytes, save: Save, render_all: Render, reopen: Reopen
) -> None:
    data = save(Image.new("RGB", (64, 64), (148, 148, 148)), to, icc_profile=pq_profile(cicp))

    rendered = render_all(data, "32:png")

    shown = reopen(rendered.renditions[0]).convert("RGB").getpixel((9, 9))
    assert shown == pytest.approx((191, 191, 191), abs=4)
    assert rendered.warnings == ("hdr",)


def test_hlg_that_only_a_profile_declares_is_tone_mapped(
    save: Save, render_all: Render, reopen: Reopen
) -> None:
    profile = pq_profile(bytes((9, 18, 0, 1)))
    data = save(Image.new("RGB", (64, 64), (191, 191, 191)), "JPEG", icc_profile=profile)

    rendered = render_all(data, "32:png")

    shown = reopen(rendered.renditions[0]).convert("RGB").getpixel((9, 9))
    assert shown == pytest.approx((190, 190, 190), abs=4)
    assert rendered.warnings == ("hdr",)


@pytest.mark.parametrize("codes", [(9, 13), (12, 13), (1, 8), (1, 4)])
def test_profiles_of_standard_range_are_not_detected_as_hdr(codes: tuple[int, int]) -> None:
    profile = from_codes(*codes)

    assert profile is not None
    assert read_hdr_codes(profile) is None


@pytest.mark.parametrize("end", range(0, 700, 41))
def test_a_profile_cut_short_is_not_detected_as_hdr(end: int) -> None:
    assert read_hdr_codes(pq_profile()[:end]) is None


def test_grey_hdr_is_tone_mapped_too(save: Save, render_all: Render, reopen: Reopen) -> None:
    info = PngInfo()
    info.add(b"cICP", bytes((9, 16, 0, 1)))
    data = save(Image.new("L", (64, 64), 148), "PNG", pnginfo=info)

    rendered = render_all(data, "32")

    assert reopen(rendered.renditions[0]).getpixel((9, 9)) == pytest.approx(191, abs=2)
    assert rendered.warnings == ("hdr",)


def test_brightness_beyond_white_is_shown_as_white(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = bytearray(save(Image.new("RGB", (64, 64), (148, 148, 148)), "AVIF", quality=95))
    at = data.index(b"colrnclx")
    data[at + 8 : at + 12] = b"\0\x09\0\x10"

    small = reopen(render_one(bytes(data), "32:png")).convert("RGB")

    assert small.getpixel((9, 9)) == pytest.approx((191, 191, 191), abs=4)
