"""The cases of formats in and out and of new kinds, as imagemill renders them."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from benchmarks.correctness_asked import Asked
from benchmarks.correctness_case import Case, Outcome, fault_of
from benchmarks.correctness_kinds import kinds
from benchmarks.correctness_matrix import OUTPUTS, MatrixCase, matrix, table_of
from imagemill.imaging import Limits, render
from imagemill.imaging.jxl.sandbox import prepare
from imagemill.recipe import Recipe

pytestmark = pytest.mark.skipif(not prepare(), reason="needs wasmtime")
# Every orientation is met by one of these, as 7 and 8 have no common divisor.
STEP = 7


@pytest.fixture(scope="module")
def cases() -> list[MatrixCase]:
    return list(matrix())


def rendered(case: Case) -> Outcome:
    limits = Limits(camera_raw=True)
    return Outcome(render(case.data, Recipe.parse(case.words), limits).renditions[0].data)


# Without judges nothing shows JPEG XL.
@pytest.mark.parametrize("to", [to for to in OUTPUTS if to != "jxl"])
def test_a_format_becomes_another_one_upright_in_colour_and_moving(
    to: str, cases: list[MatrixCase]
) -> None:
    some = [each for each in cases if each.to == to][::STEP]

    faults = [(each.row, fault_of(each.case, rendered(each.case))) for each in some]

    assert len(some) >= 30
    assert [(row, fault) for row, fault in faults if fault] == []


def test_new_kinds_are_right() -> None:
    some = [case for case in kinds() if case.asked.to != "jxl"]

    faults = [(case.feature, case.name, fault_of(case, rendered(case))) for case in some]

    assert len(some) >= 80
    assert [each for each in faults if each[2]] == []


def test_a_cell_counts_the_right_files_and_names_the_usual_fault() -> None:
    cases = [MatrixCase("PNG", "webp", Case("PNG", "webp", b"")) for _ in range(4)]

    table = table_of(cases, {"a": ["", "off by 7", "off by 12", "refused"], "b": [""] * 4})

    assert "| PNG → WebP | 1 of 4: off by 7 | ✓ 4 |" in table
    assert "| **right** | **1 of 4** | **4 of 4** |" in table


def saved(image: Image.Image, to: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, to, **options)
    return file.getvalue()


RED, BLUE = Image.new("RGB", (4, 4), "red"), Image.new("RGB", (4, 4), "blue")
MOVING = saved(RED, "PNG", save_all=True, append_images=[BLUE], duration=80)
CASE = Case("", "", b"", (4, 4))


@pytest.mark.parametrize(
    ("case", "data", "fault"),
    [
        (replace(CASE, asked=Asked(to="webp")), saved(RED, "PNG"), "made png"),
        (replace(CASE, last=BLUE.convert("RGBA"), duration_ms=160), MOVING, ""),
        (replace(CASE, last=RED.convert("RGBA")), MOVING, "last frame off by 170"),
        (replace(CASE, duration_ms=300), MOVING, "160 ms of 300"),
        (CASE, saved(RED, "PNG") + b"52.5200N013.4050E", "location kept"),
        (replace(CASE, size=(5, 4)), saved(RED, "PNG"), "4 × 4 px"),
    ],
)
def test_a_fault_is_named(case: Case, data: bytes, fault: str) -> None:
    assert fault_of(case, Outcome(data)) == fault


def test_a_tool_without_the_option_is_not_right() -> None:
    assert fault_of(CASE, Outcome(None, is_beyond=True)) == "no option"


def test_what_is_asked_is_a_recipe() -> None:
    asked = Asked(300, 200, "webp", "cover", focus=(0.25, 0.5), keeps_gamut=True, max_bytes=20_000)

    [preset] = Recipe.parse(asked.recipe).presets

    assert (preset.format, preset.fit, preset.gamut, preset.max_bytes) == (
        "webp",
        "cover",
        "keep",
        20_000,
    )
