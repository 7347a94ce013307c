"""`imagemill cost`: estimate the AWS bill for a number of images, without a network call."""

import re
from typing import Annotated, Any

import typer
from rich.table import Table

from imagemill.cli import options
from imagemill.cli.recipe_file import recipe_of
from imagemill.cli.screen import note, print_json, stdout
from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.costs import prices
from imagemill.costs.bill import LineItem, Statement, Workload, statement, total
from imagemill.costs.durations import MOST_AT_ONCE, duration_model, measured
from imagemill.costs.prices import Architecture
from imagemill.costs.transforms import (
    DEFAULT_VARIANT,
    Visits,
    edge_lines,
    miss_lines,
    worst_case_dollars,
)
from imagemill.costs.work import MOVING, Format
from imagemill.imaging.limits import DEFAULT_LIMITS
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules
from imagemill.requests.ladder import variant_count
from imagemill.requests.settings import Settings

EXAMPLE = "imagemill cost --images 1M --megapixels 12"
_COUNT = re.compile(r"([0-9][0-9_,]*(?:\.[0-9]+)?)\s*([kKmM]?)")
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}
# The range of the parameter MemorySize, in MB; 10,240 is the limit of Lambda.
_MOST_MEMORY_MB = 10_240
_LEAST_MEMORY_MB = 512
# Amounts of at least half a cent are shown with two decimals, smaller ones with six.
_MIN_TWO_DECIMALS = 0.005


def count(text: object) -> int:
    """Return the number in 250000, 250_000, 250k or 1M; raises BadParameter."""
    match = _COUNT.fullmatch(str(text).strip())
    number = float(re.sub("[_,]", "", match[1])) * _FACTORS[match[2].lower()] if match else 0
    if number < 1:
        raise typer.BadParameter(f"expected a number of images such as 250k or 1M, got {text!r}")
    return round(number)


_Images = Annotated[
    int, typer.Option(metavar="NUMBER", parser=count, help="Number of images: 250000, 250k or 1M.")
]
_Megapixels = Annotated[
    float, typer.Option(metavar="NUMBER", min=0.01, help="Size of each image, in megapixels.")
]
_Kind = Annotated[
    Format,
    typer.Option(
        "--format",
        help="Format of the originals; ultrahdr is a JPEG with a gain map, raw a camera raw file.",
    ),
]
_Frames = Annotated[
    int,
    typer.Option(
        metavar="NUMBER",
        min=1,
        max=DEFAULT_LIMITS.max_frames,
        help=f"Frames of each image, of an animation: {', '.join(MOVING)}.",
    ),
]
_Memory = Annotated[
    int,
    typer.Option(
        metavar="MB",
        min=_LEAST_MEMORY_MB,
        max=_MOST_MEMORY_MB,
        help="Memory of the resize function: parameter MemorySize.",
    ),
]
_Architecture = Annotated[
    Architecture, typer.Option(help="Parameter Architecture; it changes the price only.")
]
_Batch = Annotated[int, typer.Option(min=1, max=MOST_AT_ONCE, help="Images per invocation.")]
_Api = Annotated[
    float,
    typer.Option(
        metavar="SHARE", min=0, max=1, help="Share of images uploaded by the REST API, 0 to 1."
    ),
]
_Views = Annotated[
    float, typer.Option(metavar="NUMBER", min=0, help="Views of each image per month.")
]
_Ms = Annotated[
    float | None,
    typer.Option(metavar="MS", min=0, help="Billed ms per image, instead of the measured time."),
]
_Transforms = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER", parser=count, help="Requests for images on request: adds their bill."
    ),
]
_HitRate = Annotated[
    float,
    typer.Option(metavar="SHARE", min=0, max=1, help="Share of them that CloudFront has, 0 to 1."),
]
_Variant = Annotated[
    str, typer.Option(metavar="PRESET", help="The image of a miss, as a preset of a recipe.")
]
_Month = Annotated[bool, typer.Option("--month", help="Add the monthly cost of storage.")]
_FreeTier = Annotated[bool, typer.Option("--free-tier", help="Subtract the monthly free tier.")]


def cost(  # noqa: PLR0913  # one parameter an option
    *,
    images: _Images = 1_000_000,
    megapixels: _Megapixels = 12.0,
    kind: _Kind = "jpeg",
    frames: _Frames = 1,
    recipe: options.RecipeText = "500",
    memory: _Memory = DEFAULT_MEMORY_MB,
    architecture: _Architecture = "arm64",
    batch: _Batch = MOST_AT_ONCE,
    api: _Api = 0.0,
    views: _Views = 0.0,
    ms: _Ms = None,
    transforms: _Transforms = None,
    hit_rate: _HitRate = 0.9,
    variant: _Variant = DEFAULT_VARIANT,
    month: _Month = False,
    free_tier: _FreeTier = False,
    as_json: options.AsJson = False,
) -> None:
    """Estimate the AWS bill for new images.

    Times follow a model fitted to measurements: format and size of the originals, and format and
    size of each preset. Call counts are checked by tests, and prices are those of us-east-1;
    docs/cost.md has the sources. A recipe with rules gets an estimate for each of them, as if all
    images had it. The estimate leaves out the free tier, tax, retries and traffic outside AWS.
    Monthly costs are shown with --month or --views, those of images on request with --transforms.
    """
    _check_frames(frames, kind)
    function = (memory, architecture)
    made = (Recipe.parse(variant), *function, frames)
    visits = transforms and Visits(transforms, hit_rate, megapixels, kind, *made)
    _, recipes = recipe_of(recipe)
    for rule, presets in _rules(recipes):
        load = Workload(
            *(images, megapixels, kind, presets, *function, batch, api, views, ms),
            has_named_rules=bool(recipes.names),
            frames=frames,
        )
        bill = statement(load, duration_model(), free_tier=free_tier)
        bill = bill if month or views else Statement(bill.once, ())
        if as_json:
            of_rule = {"rule": rule} if rule else {}
            print_json(of_rule | _facts(load, bill) | (_visit_facts(visits) if visits else {}))
        else:
            _show(load, bill, rule, free_tier=free_tier)
    if visits and not as_json:
        _show_visits(visits)


def _check_frames(frames: int, kind: Format) -> None:
    if frames > 1 and kind not in MOVING:
        raise typer.BadParameter(f"needs --format {' or '.join(MOVING)}", param_hint="--frames")


def _rules(recipes: RecipeRules) -> list[tuple[str, Recipe]]:
    """Return the rules with renditions and their labels; a plain recipe has an empty label."""
    if recipes.is_plain:
        return [("", recipes.rules[0].recipe)]
    return [(rule.label, rule.recipe) for rule in recipes.rules if not rule.ignores]


def _show(load: Workload, bill: Statement, rule: str, *, free_tier: bool) -> None:
    of_rule = f" with the rule {rule}" if rule else ""
    frames = f" and {load.frames} frames" if load.frames > 1 else ""
    workload = f"{load.images:,} images of {load.megapixels:g} MP{frames}{of_rule}"
    stdout().print(_table(f"once, for {workload}", bill.once))
    if bill.monthly:
        stdout().print()
        stdout().print(_table("per month, for storing and serving them", bill.monthly))
    source = measured()
    basis = "as given" if load.image_ms is not None else f"measured on {source.day}"
    note(f"{load.billed_ms(duration_model()):.0f} ms per image at {load.memory_mb:,} MB, {basis}")
    allowance = "with" if free_tier else "without"
    note(f"prices of {prices.REGION}, last checked in {prices.AS_OF}, {allowance} the free tier")


def _show_visits(visits: Visits) -> None:
    model = duration_model()
    stdout().print()
    stdout().print(_table(f"for {visits.requests:,} requests", edge_lines(visits, model)))
    if visits.misses:
        stdout().print()
        title = f"for the {visits.misses:,.0f} of them that CloudFront does not have"
        stdout().print(_table(title, miss_lines(visits, model)))
        note(f"{visits.billed_ms(model):.0f} ms per miss; the image of a miss: {visits.variant}")
    settings = Settings(now=0)
    worst = worst_case_dollars(visits, model, settings)
    note(
        f"at most {variant_count(settings):,} variants of an image without signatures: ${worst:.2f}"
    )


def _visit_facts(visits: Visits) -> dict[str, Any]:
    model = duration_model()
    edge, misses = edge_lines(visits, model), miss_lines(visits, model)
    return {
        "transforms": visits.requests,
        "hit_rate": visits.hit_rate,
        "ms_of_a_miss": round(visits.billed_ms(model), 3),
        "edge": [_fact(line) for line in edge],
        "misses": [_fact(line) for line in misses],
        "dollars_edge": round(total(edge), 6),
        "dollars_misses": round(total(misses), 6),
        "most_variants_of_an_image": variant_count(Settings(now=0)),
        "most_dollars_of_an_image": round(worst_case_dollars(visits, model, Settings(now=0)), 6),
    }


def _table(title: str, lines: tuple[LineItem, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(title)
    table.add_column("")
    table.add_column("quantity", justify="right")
    table.add_column("of")
    table.add_column("dollars", justify="right")
    last = ""
    for line in lines:
        service = line.service if line.service != last else ""
        amount = _quantity(line.quantity)
        table.add_row(service, line.name, amount, line.price.unit, _dollars(line.dollars))
        last = line.service
    table.add_row("total", "", "", "", _dollars(total(lines)), style="bold")
    return table


def _quantity(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 100 or amount == round(amount) else f"{amount:,.2f}"  # noqa: PLR2004


def _dollars(amount: float) -> str:
    return f"{amount:,.2f}" if amount >= _MIN_TWO_DECIMALS or not amount else f"{amount:.6f}"


def _facts(load: Workload, bill: Statement) -> dict[str, Any]:
    return {
        "images": load.images,
        "megapixels": load.megapixels,
        "frames": load.frames,
        "ms": round(load.billed_ms(duration_model()), 3),
        "once": [_fact(line) for line in bill.once],
        "monthly": [_fact(line) for line in bill.monthly],
        "dollars": round(total(bill.once), 6),
        "dollars_a_month": round(total(bill.monthly), 6),
        "prices": {"region": prices.REGION, "as_of": prices.AS_OF},
        "measured": measured().day,
    }


def _fact(line: LineItem) -> dict[str, Any]:
    return {
        "service": line.service,
        "what": line.name,
        "quantity": round(line.quantity, 6),
        "of": line.price.unit,
        "free": round(line.free, 6),
        "dollars": round(line.dollars, 6),
    }
