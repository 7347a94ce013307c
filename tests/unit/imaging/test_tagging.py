from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from imagemill.imaging import Rendered, Rendition
from imagemill.imaging.copyright import Credit, read_copyright
from imagemill.imaging.icc import from_codes, srgb_tag

ARTIST, COPYRIGHT, CAMERA = 0x013B, 0x8298, 0x0110

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]
Draw = Callable[[int, int], Image.Image]


def signed() -> Image.Exif:
    exif = Image.Exif()
    exif[ARTIST], exif[COPYRIGHT], exif[CAMERA] = "Ada Lens", "2026 Ada Lens", "Q2"
    return exif


def converted(profile: bytes, colour: tuple[int, int, int]) -> tuple[int, ...]:
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    return tuple(transform.apply(Image.new("RGB", (1, 1), colour)).tobytes())


@pytest.mark.parametrize(("is_grey", "size"), [(False, 480), (True, 304)])
def test_the_tag_of_srgb_is_less_than_half_a_kilobyte(is_grey: bool, size: int) -> None:
    assert len(srgb_tag(is_grey=is_grey)) == size


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 30, 90), (12, 130, 7)])
def test_the_tag_of_srgb_changes_no_colour(colour: tuple[int, int, int]) -> None:
    assert converted(srgb_tag(is_grey=False), colour) == colour


@pytest.mark.parametrize(
    ("codes", "colour", "shown"),
    [
        ((12, 13), (200, 30, 30), (218, 0, 6)),
        ((12, 13), (30, 200, 100), (0, 204, 87)),
        ((1, 8), (55, 55, 55), (128, 128, 128)),
        ((9, 13), (180, 140, 120), (202, 134, 116)),
        ((9, 16), (148, 148, 148), (191, 191, 191)),
        ((9, 16), (255, 255, 255), (255, 255, 255)),
        ((9, 18), (191, 191, 191), (190, 190, 190)),
    ],
)
def test_coded_colours_become_srgb(
    codes: tuple[int, int], colour: tuple[int, int, int], shown: tuple[int, ...]
) -> None:
    profile = from_codes(*codes)

    assert profile is not None
    assert converted(profile, colour) == pytest.approx(shown, abs=2)


@pytest.mark.parametrize("codes", [(1, 13), (1, 1), (2, 2), (1, 99), (77, 13)])
def test_codes_of_srgb_and_unknown_ones_need_no_profile(codes: tuple[int, int]) -> None:
    assert from_codes(*codes) is None


@pytest.mark.parametrize("to", ["JPEG", "WEBP"])
@pytest.mark.parametrize(("mode", "is_grey"), [("RGB", False), ("L", True)])
def test_jpeg_and_webp_are_tagged_by_a_profile_of_their_kind(
    to: str,
    mode: str,
    is_grey: bool,
    quarters: Draw,
    save: Save,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    small = reopen(render_one(save(quarters(60, 40).convert(mode), to), "30"))

    is_one_channel = is_grey and to == "JPEG"
    assert small.info["icc_profile"] == srgb_tag(is_grey=is_one_channel)


def test_a_grey_webp_is_tagged_as_the_colours_it_is_stored_in(
    quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    small = reopen(render_one(save(quarters(60, 40).convert("L"), "JPEG"), "30:webp"))

    assert small.info["icc_profile"] == srgb_tag(is_grey=False)


def test_png_is_tagged_by_its_chunk(
    quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    small = render_one(save(quarters(60, 40), "PNG"), "30")

    assert reopen(small).info["srgb"] == 0
    assert b"iCCP" not in small.data


def test_avif_is_tagged_by_its_codes(quarters: Draw, save: Save, render_one: RenderOne) -> None:
    small = render_one(save(quarters(60, 40), "AVIF"), "30").data

    at = small.index(b"colrnclx")
    assert small[at + 8 : at + 12] == b"\0\1\0\x0d"


@pytest.mark.parametrize(
    ("to", "options"),
    [
        ("JPEG", {"quality": 30}),
        ("PNG", {}),
        ("WEBP", {"quality": 30}),
    ],
)
def test_a_copy_is_tagged_if_it_does_not_grow(
    to: str,
    options: dict[str, object],
    noise: Draw,
    save: Save,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "x" * 20_000
    data = save(noise(80, 60), to, exif=exif, **options)

    small = reopen(render_one(data, "500"))

    assert {"icc_profile", "srgb"} & set(small.info)
    assert small.tobytes() == reopen(Rendition("", data, 0, 0, "jpeg")).tobytes()


@pytest.mark.parametrize("recipe", ["30", "500"])
@pytest.mark.parametrize("to", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_copyright_and_artist_stay_and_the_camera_goes(
    to: str, recipe: str, quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(quarters(60, 40), to, exif=signed())

    exif = reopen(render_one(data, recipe)).getexif()

    assert (exif.get(ARTIST), exif.get(COPYRIGHT)) == ("Ada Lens", "2026 Ada Lens")
    assert CAMERA not in exif


def test_the_facts_have_copyright_and_artist(
    quarters: Draw, save: Save, render_all: Render
) -> None:
    facts = render_all(save(quarters(60, 40), "JPEG", exif=signed())).facts

    assert (facts.artist, facts.copyright) == ("Ada Lens", "2026 Ada Lens")


def test_an_image_without_credit_has_no_exif(
    quarters: Draw, save: Save, render_one: RenderOne
) -> None:
    assert b"Exif" not in render_one(save(quarters(60, 40), "JPEG"), "30").data


def test_credit_is_found_in_xmp() -> None:
    xmp = (
        b"<x><dc:creator><rdf:Seq><rdf:li>Ada</rdf:li></rdf:Seq></dc:creator>"
        b'<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">\xc2\xa9 Ada</rdf:li>'
        b"</rdf:Alt></dc:rights></x>"
    )

    assert read_copyright({}, {"xmp": xmp}) == Credit("Ada", "© Ada")


def test_credit_is_found_in_iptc() -> None:
    block = b"\x1c\x02\x50\0\3Ada\x1c\x02\x74\0\x05(Ada)"

    assert read_copyright({}, {"photoshop": {0x0404: block}}) == Credit("Ada", "(Ada)")


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"xmp": b"<dc:creator>"},
        {"xmp": "text"},
        {"photoshop": {0x0404: b"\x1c\x02\x50"}},
        {"photoshop": b"?"},
    ],
)
def test_a_missing_credit_stays_missing(info: dict[str | tuple[int, int], object]) -> None:
    assert read_copyright({}, info) == Credit()


@pytest.mark.parametrize("artist", ["A", "Ada", "Adam", "Ada Lens", "Ænn Łens"])
def test_a_credit_of_any_length_is_read_back(artist: str) -> None:
    exif = Image.Exif()

    exif.load(Credit(artist, "me").exif())

    assert read_copyright(exif, {}) == Credit(artist, "me")


def test_a_credit_is_cut_to_one_short_line() -> None:
    credit = read_copyright({ARTIST: "a\nb\0" + "c" * 9000}, {})

    assert credit.artist is not None
    assert credit.artist.startswith("a b c")
    assert len(credit.artist) == 256


def test_a_png_with_only_a_gamma_keeps_it(save: Save, render_all: Render, reopen: Reopen) -> None:
    info = PngInfo()
    info.add(b"gAMA", (100_000).to_bytes(4, "big"))
    data = save(Image.new("RGB", (60, 40), (55, 55, 55)), "PNG", pnginfo=info)

    rendered = render_all(data, "a=30, b=30:webp, c=500")

    kept, converted, copied = map(reopen, rendered.renditions)
    assert (kept.info["gamma"], copied.info["gamma"]) == (1.0, 1.0)
    assert "srgb" not in kept.info
    assert [each.convert("RGB").getpixel((9, 9)) for each in (kept, copied)] == [(55, 55, 55)] * 2
    assert converted.convert("RGB").getpixel((9, 9)) == pytest.approx((128, 128, 128), abs=3)
    assert rendered.warnings == ()
    assert rendered.colour == "#808080"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_the_gamma_of_any_layout_is_followed(
    mode: str, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    info = PngInfo()
    info.add(b"gAMA", (100_000).to_bytes(4, "big"))
    white = Image.new(mode, (60, 40), 65_535 if mode == "I;16" else "white")
    data = save(white, "PNG", pnginfo=info)

    shown = reopen(render_one(data, "30:jpeg")).convert("RGB").getpixel((5, 5))

    assert shown == (255, 255, 255)


@pytest.mark.parametrize("gamma", [45_455, 45_000, 0])
def test_the_usual_gamma_is_srgb(
    gamma: int, quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    info = PngInfo()
    info.add(b"gAMA", gamma.to_bytes(4, "big"))
    data = save(quarters(60, 40), "PNG", pnginfo=info)

    assert "srgb" in reopen(render_one(data, "30")).info


def test_the_codes_of_a_png_are_followed(save: Save, render_one: RenderOne, reopen: Reopen) -> None:
    info = PngInfo()
    info.add(b"cICP", bytes((12, 13, 0, 1)))
    data = save(Image.new("RGB", (60, 40), (200, 30, 30)), "PNG", pnginfo=info)

    shown = reopen(render_one(data, "30")).convert("RGB").getpixel((5, 5))

    assert shown == pytest.approx((218, 0, 6), abs=1)


@pytest.mark.parametrize(("recipe", "shown"), [("32:png", (218, 0, 6)), ("32", (200, 30, 30))])
def test_a_wide_gamut_avif_becomes_srgb_unless_it_stays_avif(
    recipe: str, shown: tuple[int, int, int], save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    plain = save(Image.new("RGB", (64, 64), (200, 30, 30)), "AVIF", quality=95)
    at = plain.index(b"colrnclx") + 8
    wide = plain[:at] + b"\0\x0c" + plain[at + 2 :]

    rendition = render_one(wide, recipe)

    assert reopen(rendition).convert("RGB").getpixel((9, 9)) == pytest.approx(shown, abs=4)
    assert (b"colrnclx\0\x0c" in rendition.data) == (recipe == "32")
