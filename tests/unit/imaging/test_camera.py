"""Hostile and odd EXIF tags of a photo."""

from io import BytesIO

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from imagemill.imaging import probe
from imagemill.imaging.camera import Shot, read_shot

TAKEN, LENS, TIME, F_NUMBER, ISO, INDEX, FOCAL = (
    *(0x9003, 0xA434, 0x829A, 0x829D),
    *(0x8827, 0x8832, 0x920A),
)


@pytest.mark.parametrize(
    ("tags", "shot"),
    [
        ({TIME: IFDRational(1, 3)}, Shot(exposure_time_s=0.333333)),
        ({TIME: 30}, Shot(exposure_time_s=30)),
        ({TIME: IFDRational(1, 0)}, Shot()),
        ({TIME: IFDRational(0, 1)}, Shot()),
        ({TIME: -1.0}, Shot()),
        ({F_NUMBER: float("inf"), FOCAL: float("nan")}, Shot()),
        ({F_NUMBER: "2.8", FOCAL: b"50"}, Shot(f_number=2.8, focal_length_mm=50)),
        ({F_NUMBER: "wide", FOCAL: None, TIME: (), ISO: {}}, Shot()),
        ({ISO: (200, 0)}, Shot(iso=200)),
        ({ISO: 65_535}, Shot(iso=65_535)),
        ({ISO: 65_535, INDEX: 204_800}, Shot(iso=204_800)),
        ({ISO: 10**400}, Shot()),
        ({LENS: "----"}, Shot()),
        ({LENS: 7}, Shot()),
        ({LENS: "50\nmm\0\x1b[31m \u202e F2\t"}, Shot(lens="50 mm [31m F2")),
        ({LENS: "x" * 10_000}, Shot(lens="x" * 64)),
        ({TAKEN: "0000:00:00 00:00:00"}, Shot()),
        ({TAKEN: "2026:13:01 00:00:00"}, Shot()),
        ({TAKEN: "2026:11:29 12:00:00\0"}, Shot(captured_at="2026-11-29T12:00:00")),
    ],
)
def test_a_tag_has_a_possible_value_or_none(tags: dict[int, object], shot: Shot) -> None:
    assert read_shot({}, tags) == shot


def test_a_maker_is_not_repeated_before_its_model() -> None:
    names = [{0x010F: "Canon", 0x0110: "Canon EOS R5"}, {0x010F: "NIKON", 0x0110: "Z 9\0"}]

    assert [read_shot(one, {}).camera for one in names] == ["Canon EOS R5", "NIKON Z 9"]


# Pillow warns of each entry that lies outside of the directory.
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("cut", range(20, 108, 7))
def test_a_damaged_directory_never_rejects_the_image(cut: int) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8769).update({LENS: "Lens 50", TIME: IFDRational(1, 250), ISO: 100})
    whole = exif.tobytes()
    torn, file = whole[:cut] + b"\xff" * (len(whole) - cut), BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", exif=torn)

    facts = probe(file.getvalue())

    assert (facts.width, facts.height) == (8, 8)
