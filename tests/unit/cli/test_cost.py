import pytest
from fakes.terminal import Terminal, rows


def test_the_bill_lists_service_item_quantity_unit_and_dollars(terminal: Terminal) -> None:
    result = terminal.run("cost", "--images", "1M", "--megapixels", "12")

    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[0].startswith("once, for 1,000,000 images of 12 MP")
    assert "S3 originals uploaded 1,000,000 PUT or LIST 5.00" in lines
    assert "EventBridge completion events 1,000,000 custom event 1.00" in lines
    assert "without the free tier" in result.stderr


def test_the_total_is_the_sum_of_the_items(terminal: Terminal) -> None:
    [facts] = rows(terminal.run("cost", "--images", "250k", "--month", "--json"))

    assert facts["images"] == 250_000
    assert sum(line["dollars"] for line in facts["once"]) == pytest.approx(facts["dollars"])
    assert sum(line["dollars"] for line in facts["monthly"]) == pytest.approx(
        facts["dollars_a_month"]
    )


def test_monthly_costs_are_shown_with_month_or_views(terminal: Terminal) -> None:
    once, month, shown = (
        rows(terminal.run("cost", *options, "--json"))[0]["monthly"]
        for options in ((), ("--month",), ("--views", "2"))
    )

    assert once == []
    assert "originals kept" in {line["what"] for line in month}
    assert "renditions delivered" in {line["what"] for line in shown}


def test_each_preset_of_the_recipe_counts_as_a_rendition(terminal: Terminal) -> None:
    [facts] = rows(terminal.run("cost", "--images", "1k", "--recipe", "800, 500, 250", "--json"))

    [stored] = [line for line in facts["once"] if line["what"] == "renditions stored"]
    assert stored["quantity"] == 3_000


def test_given_milliseconds_replace_the_measured_time(terminal: Terminal) -> None:
    [facts] = rows(terminal.run("cost", "--ms", "250", "--json"))

    assert facts["ms"] == 250


def test_the_recipe_decides_the_duration(terminal: Terminal) -> None:
    small, large, avif = (
        rows(terminal.run("cost", "--recipe", recipe, "--json"))[0]["ms"]
        for recipe in ("500", "1600:jpeg", "1600:avif")
    )

    assert 1.5 * small < large < avif


@pytest.mark.parametrize(
    ("text", "number"),
    [("250000", 250_000), ("250_000", 250_000), ("1.5M", 1_500_000), ("10k", 10_000)],
)
def test_a_number_of_images_may_have_a_unit_and_separators(
    terminal: Terminal, text: str, number: int
) -> None:
    assert rows(terminal.run("cost", "--images", text, "--json"))[0]["images"] == number


@pytest.mark.parametrize("text", ["", "many", "-5", "0", "1G", "0.2"])
def test_a_wrong_number_of_images_is_refused(terminal: Terminal, text: str) -> None:
    assert terminal.run("cost", "--images", text).exit_code == 2


def test_a_wrong_recipe_is_one_line(terminal: Terminal) -> None:
    result = terminal.run("cost", "--recipe", "500:blue")

    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_requests_of_images_on_request_are_billed_by_hits_and_misses(terminal: Terminal) -> None:
    [facts] = rows(terminal.run("cost", "--transforms", "1M", "--hit-rate", "0.75", "--json"))

    [stored] = [line for line in facts["misses"] if line["what"] == "variants stored"]
    assert (facts["transforms"], facts["hit_rate"], stored["quantity"]) == (
        1_000_000,
        0.75,
        250_000,
    )
    assert sum(line["dollars"] for line in facts["misses"]) == pytest.approx(
        facts["dollars_misses"], abs=1e-4
    )
    assert facts["most_dollars_of_an_image"] < 1


def test_the_bill_of_requests_names_the_worst_case_of_an_image(terminal: Terminal) -> None:
    result = terminal.run("cost", "--transforms", "1M")

    assert "variants stored" in result.stdout
    assert "variants of an image without signatures" in result.stderr


def test_without_transforms_there_is_no_bill_of_requests(terminal: Terminal) -> None:
    [facts] = rows(terminal.run("cost", "--json"))

    assert "misses" not in facts


@pytest.mark.parametrize(("recipe", "heads"), [("[hero] -> 9; * -> 8", 1), ("a/ -> 9; * -> 8", 0)])
def test_rules_with_names_cost_one_head_for_each_image(
    terminal: Terminal, recipe: str, heads: int
) -> None:
    for facts in rows(terminal.run("cost", "--images", "1000", "--recipe", recipe, "--json")):
        found = [line for line in facts["once"] if line["what"] == "rules looked up"]

        assert [line["quantity"] for line in found] == [1000] * heads


def test_each_rule_with_renditions_has_an_estimate(terminal: Terminal) -> None:
    recipe = "a/ -> 9; raw/ -> ignore; [hero] -> 2000:avif; * -> 500"
    found = rows(terminal.run("cost", "--images", "1k", "--json", "--recipe", recipe))
    shown = terminal.run("cost", "--images", "1k", "--recipe", recipe)

    assert [facts["rule"] for facts in found] == ["a/", "[hero]", "*"]
    assert found[1]["dollars"] > found[2]["dollars"] > found[0]["dollars"]
    assert "images of 12 MP with the rule [hero]" in shown.stdout


def test_each_frame_of_an_animation_takes_time_and_bytes(terminal: Terminal) -> None:
    options = ("--format", "gif", "--megapixels", "0.3", "--month")
    few, many = (
        rows(terminal.run("cost", *options, "--frames", frames, "--json"))[0]
        for frames in ("10", "40")
    )

    kept = [
        next(line["quantity"] for line in facts["monthly"] if line["what"] == "renditions kept")
        for facts in (few, many)
    ]
    assert (few["frames"], many["frames"]) == (10, 40)
    assert 1.5 * few["ms"] < many["ms"]
    assert kept[1] == pytest.approx(4 * kept[0], rel=1e-3)


def test_the_title_names_the_frames_of_an_animation(terminal: Terminal) -> None:
    result = terminal.run("cost", "--format", "webp", "--megapixels", "0.3", "--frames", "24")

    assert result.stdout.startswith("once, for 1,000,000 images of 0.3 MP and 24 frames")


@pytest.mark.parametrize("options", [("--frames", "40"), ("--format", "gif", "--frames", "0")])
def test_frames_of_a_format_that_is_not_animated_are_refused(
    options: tuple[str, ...], terminal: Terminal
) -> None:
    assert terminal.run("cost", *options).exit_code == 2
