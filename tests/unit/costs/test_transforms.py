"""The bill of images on request."""

import pytest

from imagemill.costs.bill import total
from imagemill.costs.durations import duration_model
from imagemill.costs.transforms import Visits, edge_lines, miss_lines, worst_case_dollars
from imagemill.recipe import Recipe
from imagemill.requests.ladder import variant_count
from imagemill.requests.settings import Settings

MODEL = duration_model()
MILLION = 1_000_000


def dollars_of_misses(**options: object) -> float:
    visits = Visits(MILLION, 0, **({"megapixels": 12} | options))  # type: ignore[arg-type]  # any field
    return total(miss_lines(visits, MODEL))


def test_a_million_misses_cost_at_most_twelve_dollars() -> None:
    assert 10 < dollars_of_misses() < 12


def test_a_million_hits_cost_a_dollar_and_twenty_cents_and_their_bytes() -> None:
    visits = Visits(MILLION, 1, 12)

    lines = {line.name: line.dollars for line in edge_lines(visits, MODEL)}

    assert total(miss_lines(visits, MODEL)) == 0
    assert lines.pop("bytes delivered") > 0
    assert sum(lines.values()) == pytest.approx(1.20)


def test_only_misses_are_rendered() -> None:
    all_missed, a_tenth = (
        {line.name: line.quantity for line in miss_lines(Visits(MILLION, rate, 12), MODEL)}
        for rate in (0, 0.9)
    )

    assert a_tenth == {what: pytest.approx(amount / 10) for what, amount in all_missed.items()}


@pytest.mark.parametrize(
    "options",
    [
        {"megapixels": 24},
        {"format": "heic"},
        {"variant": Recipe.parse("1280:webp")},
        {"architecture": "x86_64"},
    ],
)
def test_more_work_costs_more(options: dict[str, object]) -> None:
    assert dollars_of_misses(**options) > dollars_of_misses()


def test_the_worst_case_of_an_image_is_every_variant_without_a_signature() -> None:
    settings = Settings(now=0, widths=(100, 200), qualities=())

    worst = worst_case_dollars(Visits(9, 1, 12), MODEL, settings)

    assert worst == pytest.approx(variant_count(settings) * dollars_of_misses() / MILLION)
