"""`imagemill recipe`: show the presets of a recipe, its rules, or the rule of one original."""

import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from imagemill.cli import options
from imagemill.cli.cloud import StackOptions, open_client
from imagemill.cli.recipe_file import SCHEMA, is_file, recipe_of
from imagemill.cli.screen import note, print_json, print_line, printable, stdout
from imagemill.dataclass import dataclass
from imagemill.domain.keys import image_id
from imagemill.domain.reconciliation import is_stale
from imagemill.domain.record import ImageRecord
from imagemill.preset import MAX_SIDE
from imagemill.recipe import Preset
from imagemill.recipe_rules import RecipeRules, Rule

EXAMPLE = "imagemill recipe 'thumb=160x160:cover:webp:q75, 500, wide=1600x'"
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")


@dataclass(frozen=True, slots=True)
class KeyRule:
    """The rule of one original, and its record if there is a stack and it has one.

    `is_left_out` tells whether the filter of an existing bucket leaves the key out.
    """

    key: str
    rule: Rule
    record: ImageRecord | None
    is_left_out: bool = False

    @property
    def ignored(self) -> bool:
        """Whether the original gets neither renditions nor a record."""
        return self.rule.ignores or self.is_left_out

    @property
    def is_stale(self) -> bool:
        """Whether the record was made with another recipe than the rule has now."""
        current = None if self.ignored else self.rule.recipe.hash
        return self.record is not None and is_stale(self.record, current, None)


def recipe(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    text: Annotated[
        str | None,
        typer.Argument(metavar="[TEXT|FILE|KEY]", help="A recipe, a YAML file, or a key."),
    ] = None,
    *,
    of: Annotated[
        str | None,
        typer.Option(
            "--recipe", metavar="TEXT", help="Show the rule of KEY in this recipe or file."
        ),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of recipes in YAML.")
    ] = False,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """Show the presets of a recipe, or all errors in it.

    A preset is `[name=]box`, followed by any of fit (inside, cover, exact, pad), format (keep,
    jpeg, png, webp, avif), quality (q1 to q100) and encoder effort (e0 to e6), each after a colon.
    The box is `500` (longest side), `800x600`, `800x` or `x600`, in pixels. More options crop, turn
    and change the image: `crop600x400`, `pcrop50x50x25x0`, `square`, `scale50`, `focus0.3x0.7` or
    `north`, `mirror`, `rotate90`, `bgffffff`, `gray`, `bitonal`, `blur2`, `sharpen1`,
    `hdr=off`, `gamut=keep`, `depth=10`. `max=80kB` lowers the quality until the file fits, and
    `quality=auto:75` gives each image the quality for this score of SSIMULACRA 2.

    Rules give other presets to keys with a prefix: `avatars/ -> 64x64:cover; raw/ -> ignore;
    * -> 500`. The rules in a YAML file are printed as this text, for the parameter Recipe.

    With a KEY, such as `avatars/me.jpg`, the rule that applies to this original is shown: that of
    the stack or, with --recipe, of another recipe. A KEY has a slash or an extension, or --recipe.
    """
    if schema:
        stdout().print(SCHEMA.read_text("utf-8").rstrip(), soft_wrap=True, highlight=False)
    elif text is None:
        raise typer.BadParameter("expected a recipe, a file or a key")
    elif of is not None:
        rule = recipe_of(of)[1].rule_of(text)
        _show_key(KeyRule(text, rule, None), as_json=as_json)
    elif _is_key(text):
        where = StackOptions(stack, profile, region, data_dir)
        _show_key(_found(text, context, where), as_json=as_json)
    elif is_file(text) and not as_json:
        print_line(recipe_of(text)[0])
    else:
        _show_rules(recipe_of(text)[1], as_json=as_json)


def _is_key(text: str) -> bool:
    is_recipe = is_file(text) or "->" in text or "→" in text
    return not is_recipe and ("/" in text or _EXTENSION.search(text) is not None)


def _found(key: str, context: typer.Context, where: StackOptions) -> KeyRule:
    """Return the rule of an original in a stack; its record has the choice of its upload."""
    client = open_client(context, where)
    record = client.records.get(image_id(key))
    chosen = (record and record.rule) or ""
    rules = client.key_rules()
    is_left_out = rules.keys is not None and not rules.keys.accepts(key)
    return KeyRule(key, rules.recipes.rule_of(key, chosen), record, is_left_out)


def _show_key(found: KeyRule, *, as_json: bool) -> None:
    if as_json:
        status = found.record.status if found.record else None
        facts = {"key": found.key, **_facts(found.rule), "ignored": found.ignored, "status": status}
        print_json(facts | {"stale": found.is_stale})
        return
    if found.is_left_out:
        print_line(printable(f"{found.key}: ignored, the filter of the bucket leaves it out"))
        return
    print_line(printable(f"{found.key}: {_description(found.rule)}"))
    if not found.ignored:
        stdout().print(_table([found.rule]))
    if found.is_stale:
        note("its renditions are stale: `imagemill backfill --stale` makes them again")


def _show_rules(recipes: RecipeRules, *, as_json: bool) -> None:
    if as_json and recipes.is_plain:
        for preset in recipes.rules[0].recipe.presets:
            print_json(asdict(preset))
    elif as_json:
        for rule in recipes.rules:
            print_json(_facts(rule))
    else:
        stdout().print(_table(recipes.rules, with_rules=not recipes.is_plain))


def _facts(rule: Rule) -> dict[str, Any]:
    return {
        "prefix": rule.prefix,
        "name": rule.name or None,
        "ignored": rule.ignores,
        "recipe": None if rule.ignores else rule.recipe.hash,
        "presets": [asdict(preset) for preset in rule.recipe.presets],
    }


def _description(rule: Rule) -> str:
    return f"rule {rule.label}, ignored" if rule.ignores else f"rule {rule.label}"


def _table(rules: Iterable[Rule], *, with_rules: bool = False) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    rules = list(rules)
    are_edited = any(preset.edits() for rule in rules for preset in rule.recipe.presets)
    headings = ["preset", "width", "height", "fit", "format", "quality", "effort"]
    edits, first = ["edits"] if are_edited else [], ["rule"] if with_rules else []
    for heading in [*first, *headings, *edits]:
        table.add_column(heading, justify="right" if heading in {"width", "height"} else "left")
    for rule in rules:
        label = [printable(rule.label)] if with_rules else []
        for preset in rule.recipe.presets:
            table.add_row(*label, *_cells(preset), *([" ".join(preset.edits())] if edits else []))
            label = [""] if with_rules else []
        if rule.ignores:
            table.add_row(*label, "ignored")
    return table


def _cells(preset: Preset) -> list[str]:
    return [
        preset.name,
        _side(preset.width),
        _side(preset.height),
        preset.fit,
        preset.format,
        str(preset.quality or "default") if preset.target is None else f"auto {preset.target}",
        "default" if preset.effort is None else str(preset.effort),
    ]


def _side(length: int) -> str:
    return "any" if length == MAX_SIDE else f"{length} px"
