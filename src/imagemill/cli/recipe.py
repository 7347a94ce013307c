"""`imagemill recipe`: show the presets of a recipe."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from imagemill.cli import options
from imagemill.cli.screen import print_json, stdout
from imagemill.preset import MAX_SIDE
from imagemill.recipe import Preset, Recipe

EXAMPLE = "imagemill recipe 'thumb=160x160:cover:webp:q75, 500, wide=1600x'"


def recipe(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Presets, separated by commas.")],
    *,
    as_json: options.AsJson = False,
) -> None:
    """Show the presets of a recipe, or all errors in it.

    A preset is `[name=]box`, followed by any of fit (inside, cover, exact, pad), format (keep,
    jpeg, png, webp, avif), quality (q1 to q100) and encoder effort (e0 to e6), each after a colon.
    The box is `500` (longest side), `800x600`, `800x` or `x600`, in pixels. More options crop, turn
    and change the image: `crop600x400`, `pcrop50x50x25x0`, `square`, `scale50`, `focus0.3x0.7` or
    `north`, `mirror`, `rotate90`, `bgffffff`, `gray`, `bitonal`, `blur2`, `sharpen1`.
    """
    presets = Recipe.parse(text).presets
    if as_json:
        for preset in presets:
            print_json(asdict(preset))
    else:
        stdout().print(_table(presets))


def _table(presets: tuple[Preset, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    headings = ["preset", "width", "height", "fit", "format", "quality", "effort"]
    are_edited = any(preset.edits() for preset in presets)
    for heading in [*headings, "edits"] if are_edited else headings:
        table.add_column(heading, justify="right" if heading in {"width", "height"} else "left")
    for preset in presets:
        table.add_row(
            preset.name,
            _side(preset.width),
            _side(preset.height),
            preset.fit,
            preset.format,
            str(preset.quality or "default"),
            "default" if preset.effort is None else str(preset.effort),
            *([" ".join(preset.edits())] if are_edited else []),
        )
    return table


def _side(length: int) -> str:
    return "any" if length == MAX_SIDE else f"{length} px"
