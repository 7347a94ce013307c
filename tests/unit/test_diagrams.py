"""The committed architecture diagrams equal the output of their script."""

from pathlib import Path

import pytest
from fakes.template import read_template

from docs.diagrams.architecture import BOXES, PALETTES, Box, Palette, draw

DOCS = Path(__file__).parents[2] / "docs"
# Average width of a bold 13 px letter in DejaVu Sans, in px; other system fonts are narrower.
WIDEST_LETTER = 8.4


@pytest.mark.parametrize("palette", PALETTES, ids=[palette.name for palette in PALETTES])
def test_the_committed_diagram_is_up_to_date(palette: Palette) -> None:
    committed = DOCS / f"architecture-{palette.name}.svg"

    assert committed.read_text() == draw(palette)


@pytest.mark.parametrize("box", BOXES, ids=[box.lines[0] for box in BOXES])
def test_the_name_fits_into_its_box(box: Box) -> None:
    assert len(box.lines[0]) * WIDEST_LETTER < box.width


def test_every_function_of_the_template_is_drawn() -> None:
    resources = read_template()["Resources"]
    functions = {
        name for name, one in resources.items() if one["Type"] == "AWS::Serverless::Function"
    }

    assert functions <= {box.lines[0] for box in BOXES}
