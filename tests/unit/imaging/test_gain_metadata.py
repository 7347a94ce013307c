"""The metadata of gain maps: ISO 21496-1, XMP and Apple's, in and out."""

import struct
from math import log2
from random import Random

import pytest
from fakes.gain_maps import (
    APPLE,
    ULTRA_HDR,
    XMP,
    joined,
    jpeg,
    packet,
    segment,
    ultra_hdr,
    with_segments,
)
from PIL import Image

from imagemill.errors import ImageRejected
from imagemill.imaging import render
from imagemill.imaging.gain_maps import apple, hdrgm
from imagemill.imaging.gain_maps.find import find_gain_map
from imagemill.imaging.gain_maps.found import meaning_of
from imagemill.imaging.gain_maps.metadata import GainMetadata, iso_bytes, read_iso
from imagemill.recipe import Recipe

GREY = GainMetadata((-0.5,), (2.25,), (1.0,), (1 / 64,), (1 / 64,), 0.0, 2.25)
COLOUR = GainMetadata(
    (0.0, 0.1, 0.2), (3.0, 2.5, 2.0), (0.4, 0.5, 0.6), (0.2,) * 3, (0.1,) * 3, 0.0, 4.0
)


@pytest.mark.parametrize("metadata", [GREY, COLOUR])
def test_iso_metadata_are_read_as_they_were_written(metadata: GainMetadata) -> None:
    assert read_iso(iso_bytes(metadata)) == metadata


@pytest.mark.parametrize("metadata", [GREY, COLOUR])
def test_xmp_metadata_are_read_as_they_were_written(metadata: GainMetadata) -> None:
    found = hdrgm.read_hdrgm(hdrgm.packet_of_map(metadata))

    assert found is not None
    assert iso_bytes(found) == iso_bytes(metadata)


def test_numbers_without_a_sign_use_all_their_bits() -> None:
    most = 2**32 - 1
    body = struct.pack(">HHB4I", 0, 0, 0x40, 0, most, most, most)
    body += struct.pack(">iIiIIIiIiI", 0, 1, 1, 1, most, most, 1, 64, 1, 64)

    found = read_iso(body)

    assert found is not None
    assert (found.gamma, found.alternate_headroom, found.is_usable) == ((1.0,), 1.0, True)


def test_numbers_may_share_a_denominator() -> None:
    body = struct.pack(">HHBIII", 0, 0, 0x48, 1000, 0, 2000) + struct.pack(
        ">iiIii", -500, 2000, 1000, 0, 0
    )

    assert read_iso(body) == GainMetadata((-0.5,), (2.0,), (1.0,), (0.0,), (0.0,), 0.0, 2.0)


@pytest.mark.parametrize(
    "body",
    [
        iso_bytes(GREY)[:-1],
        b"\0\1" + iso_bytes(GREY)[2:],
        iso_bytes(GREY)[:4] + b"\x44" + iso_bytes(GREY)[5:],
        iso_bytes(GREY)[:-4] + bytes(4),
        b"",
    ],
)
def test_iso_metadata_that_are_cut_or_unknown_are_not_read(body: bytes) -> None:
    assert read_iso(body) is None


def test_xmp_without_optional_numbers_has_those_of_the_specification() -> None:
    found = hdrgm.read_hdrgm(packet('hdrgm:Version="1.0" hdrgm:GainMapMax="2.5"')[len(XMP) :])

    assert found == GainMetadata((0.0,), (2.5,), (1.0,), (1 / 64,), (1 / 64,), 0.0, 2.5)


@pytest.mark.parametrize(
    "fields",
    [
        'hdrgm:GainMapMax="2"',
        'hdrgm:Version="1.0"',
        'hdrgm:Version="1.0" hdrgm:GainMapMax="two"',
        'hdrgm:Version="1.0" hdrgm:GainMapMax="2" hdrgm:BaseRenditionIsHDR="True"',
        'hdrgm:Version="1.0" hdrgm:GainMapMax="2" hdrgm:Gamma="0"',
        'hdrgm:Version="1.0" hdrgm:GainMapMax="nan"',
        'hdrgm:Version="1.0" hdrgm:GainMapMax="inf"',
        'hdrgm:Version="1.0" hdrgm:GainMapMax="2" hdrgm:GainMapMin="3"',
        'hdrgm:Version="1.0" hdrgm:GainMapMax="2" hdrgm:HDRCapacityMax="0"',
    ],
)
def test_xmp_that_makes_no_sense_is_not_used(fields: str) -> None:
    assert meaning_of(b"", packet(fields)[len(XMP) :], lambda: b"") is None


def test_a_document_type_in_xmp_ends_the_reading() -> None:
    hostile = b'<!DOCTYPE a [<!ENTITY b "c">]>' + packet('hdrgm:Version="1.0"')[len(XMP) :]

    assert hdrgm.read_properties(hostile, hdrgm.NAMESPACE) == {}


def test_iso_metadata_come_before_xmp() -> None:
    assert meaning_of(iso_bytes(COLOUR), packet(ULTRA_HDR)[len(XMP) :], lambda: b"") == (
        COLOUR,
        None,
    )


@pytest.mark.parametrize(
    ("headroom", "gain", "stops"),
    [(0.5, 0.0, 1.8), (0.5, 1.0, 1.5), (1.5, 0.0, 3.0), (1.5, 1.0, 2.0)],
)
def test_the_headroom_of_a_phone_is_in_its_maker_note(
    headroom: float, gain: float, stops: float
) -> None:
    exif = exif_of_phone(headroom, gain)

    assert apple.read_stops(b"", exif) == pytest.approx(stops)


def test_the_headroom_in_the_map_comes_before_the_maker_note() -> None:
    xmp = packet('HDRGainMap:HDRGainMapHeadroom="4"', APPLE, "HDRGainMap")[len(XMP) :]

    assert apple.read_stops(xmp, exif_of_phone(0.5, 0.0)) == 2


def test_values_of_a_phone_become_logarithms() -> None:
    table = apple.logarithms(2.0)

    # The light of 0.5 in BT.709 is 0.2597.
    assert (table[0], table[255]) == (0, 255)
    assert table[128] == pytest.approx(255 / 2 * log2(1 + 3 * 0.2609), abs=1)


def test_a_phone_without_a_headroom_has_no_usable_map() -> None:
    xmp = packet('HDRGainMap:HDRGainMapVersion="65536"', APPLE, "HDRGainMap")

    assert meaning_of(b"", xmp[len(XMP) :], lambda: b"") is None


def test_a_rendition_of_a_phone_has_the_same_gain_in_the_usual_form() -> None:
    xmp = packet('HDRGainMap:HDRGainMapVersion="65536"', APPLE, "HDRGainMap")
    gain = with_segments(jpeg(Image.new("L", (60, 60), 128)), segment(0xE1, xmp))
    exif = exif_of_phone(1.5, 0.0)
    data = joined(jpeg(Image.effect_noise((120, 120), 50), exif=exif), gain)

    made = render(data, Recipe.parse("60")).renditions[0]

    kept = find_gain_map(made.data, "jpeg", lambda: b"").gain_map
    assert kept is not None
    assert kept.metadata == GainMetadata((0.0,), (3.0,), (1.0,), (0.0,), (0.0,), 0.0, 3.0)
    assert made.hdr == "gain_map"


@pytest.mark.parametrize("seed", range(60))
def test_damaged_metadata_never_cost_the_image(seed: int) -> None:
    data = ultra_hdr(Image.new("RGB", (64, 48), "teal"), Image.new("L", (32, 24), 99))
    plain = render(data, Recipe.parse("32:hdr=off")).renditions[0].data
    random = Random(seed)  # noqa: S311 - a seed, not a secret
    broken = bytearray(data)
    # From the index to the end of the declaration, and the head of the second image.
    at = random.choice((range(2, 500), range(data.rindex(b"\xff\xd8\xff"), len(data))))
    for _ in range(random.choice((1, 4, 40))):
        broken[random.choice(at)] = random.randrange(256)

    try:
        made = render(bytes(broken), Recipe.parse("32")).renditions[0].data
    except ImageRejected:
        # The first image's own structure is hurt: without the second one it is refused, too.
        with pytest.raises(ImageRejected):
            render(bytes(broken[: data.rindex(b"\xff\xd8\xff")]), Recipe.parse("32"))
    else:
        assert made[-2:] == b"\xff\xd9"
        assert len(made) <= len(data)
        assert plain[-400:] in made


def exif_of_phone(headroom: float, gain: float) -> bytes:
    """Return an EXIF with a maker note of Apple's, which has both numbers of the headroom."""
    note = b"Apple iOS\0\0\1MM" + struct.pack(">H", 2)
    note += struct.pack(">HHII", 33, 10, 1, 44) + struct.pack(">HHII", 48, 10, 1, 52) + bytes(4)
    note += struct.pack(">iiii", round(headroom * 1000), 1000, round(gain * 1000), 1000)
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x927C] = note
    return exif.tobytes()
