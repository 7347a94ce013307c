"""Requests are built as URLs of every grammar, and the edge reads the same requests from them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from imagemill.domain.image_request import ImageRequest
from imagemill.domain.keys import image_id
from imagemill.preset import FITS, MAX_SIDE, OUTPUT_FORMATS, ROTATIONS, Crop, Preset
from imagemill.recipe import Recipe
from imagemill.requests.build import GRAMMARS, Grammar, build
from imagemill.requests.faults import UnsupportedOption
from imagemill.requests.options import WHOLE, normal
from imagemill.requests.route import Rewrite, route
from imagemill.requests.settings import KeyPair, Settings
from imagemill.requests.sign import sign

PAIR = KeyPair(b"key", b"salt")
SETTINGS = Settings(now=1_796_000_000, keys=(PAIR,), private=True)
URLS = [grammar for grammar in GRAMMARS if grammar != "recipe"]

centre = st.just((0.5, 0.5))
units = st.integers(0, 10_000).map(lambda ten_thousandths: ten_thousandths / 10_000)
percents = st.integers(1, 1_000_000).map(lambda ten_thousandths: ten_thousandths / 10_000)
edges = st.sampled_from([0.0, 0.5, 1.0])
sigmas = st.just(0.0) | percents
sides = st.just(MAX_SIDE) | st.integers(1, MAX_SIDE - 1)
px = st.integers(1, 100_000).map(float)
placed = st.builds(Crop, st.just("px"), px, px, px, px) | st.builds(
    Crop, st.just("percent"), percents, percents, percents, percents
)
unplaced = st.builds(Crop, st.just("px"), px, px) | st.builds(
    Crop, st.just("percent"), percents, percents
)
square = st.just(Crop("square"))
boxed: dict[str, st.SearchStrategy[Any]] = {
    "name": st.just(WHOLE.name),
    "width": sides,
    "height": sides,
    "fit": st.sampled_from(FITS),
    "format": st.sampled_from(OUTPUT_FORMATS),
    "mirror": st.booleans(),
    "rotation": st.sampled_from(ROTATIONS),
}
coded = boxed | {
    "quality": st.none() | st.integers(1, 100),
    "focus": st.none() | centre | st.tuples(units, units) | st.tuples(edges, edges),
    "blur": sigmas,
    "sharpen": st.just(0.0) | st.integers(1, 50_000).map(lambda amount: amount / 10_000),
    "background": st.none() | st.from_regex(r"[0-9a-f]{6}", fullmatch=True),
}
# What each grammar has words for, more or less.
PRESETS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "imgix": st.fixed_dictionaries(
        coded | {"crop": st.none() | placed, "tone": st.sampled_from(["colour", "gray"])}
    ),
    "imgproxy": st.fixed_dictionaries(
        coded
        | {"crop": st.none() | placed | unplaced, "sharpen": sigmas, "scale": st.none() | percents}
    ),
    "iiif3": st.fixed_dictionaries(
        boxed
        | {
            "crop": st.none() | placed | square,
            "format": st.sampled_from(OUTPUT_FORMATS[1:]),
            "fit": st.sampled_from(["inside", "exact"]),
            "tone": st.sampled_from(["colour", "gray", "bitonal"]),
        }
    ),
    "recipe": st.fixed_dictionaries(
        coded
        | {
            "crop": st.none() | placed | unplaced | square,
            "scale": st.none() | percents,
            "tone": st.sampled_from(["colour", "gray", "bitonal"]),
            "effort": st.none() | st.integers(0, 6),
        }
    ),
}
PRESETS["iiif2"] = PRESETS["iiif3"]
versions = st.none() | st.from_regex(r"[A-Za-z0-9._-]{1,32}", fullmatch=True)
keys = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20)


def read(url: str) -> ImageRequest:
    path, _, query = sign(url, PAIR).partition("?")
    answer = route(path, query, "", SETTINGS)
    assert isinstance(answer, Rewrite)
    request = ImageRequest.parse_key(answer.path.removeprefix("/"))
    assert request is not None
    return replace(request, version=answer.version)


@pytest.mark.parametrize("grammar", URLS)
@settings(max_examples=60)
@given(data=st.data())
def test_the_edge_reads_the_request_from_which_a_url_was_built(
    grammar: Grammar, data: st.DataObject
) -> None:
    preset = normal(Preset(**data.draw(PRESETS[grammar])))
    strict = grammar.startswith("iiif") and data.draw(st.booleans())
    request = ImageRequest(image_id("a.jpg"), preset, data.draw(versions), strict)

    try:
        url = build(request, grammar)
    except UnsupportedOption:
        assume(False)  # noqa: FBT003  # the grammar has no word for it

    assert read(url) == request


@pytest.mark.parametrize("grammar", URLS)
@settings(max_examples=40)
@given(key=keys)
@example(key="holiday/a b+c%20é@2x:1.jpg")
@example(key="a.jpg@png")
def test_every_key_that_has_an_address_is_read_from_the_url(grammar: Grammar, key: str) -> None:
    assume(not {".", ".."} & set(key.split("/")))
    request = ImageRequest(image_id(key), replace(WHOLE, width=640, format="webp"))
    strict = replace(request, strict=grammar.startswith("iiif"))

    assert read(build(strict, grammar, key)) == strict


@settings(max_examples=60)
@given(fields=PRESETS["recipe"])
def test_a_recipe_has_words_for_every_preset(fields: dict[str, Any]) -> None:
    preset = normal(Preset(**fields))
    text = build(ImageRequest(image_id("a.jpg"), preset), "recipe")

    assert Recipe.parse(text).presets == (preset,)


@pytest.mark.parametrize(
    ("grammar", "changes", "option"),
    [
        ("imgix", {"crop": Crop("square")}, "crop"),
        ("imgix", {"crop": Crop("px", 9.5, 9, 0, 0)}, "crop"),
        ("imgix", {"crop": Crop("px", 9, 9, 0, 0), "rotation": 90}, "crop"),
        ("imgix", {"scale": 50}, "scale"),
        ("imgix", {"tone": "bitonal"}, "bitonal"),
        ("imgix", {"sharpen": 5.1}, "sharpen"),
        ("imgix", {"max_bytes": 80_000}, "max"),
        ("imgproxy", {"max_bytes": 80_000}, "max"),
        ("imgix", {"width": 9, "height": 9, "fit": "pad", "focus": (0, 0)}, "focus"),
        ("imgproxy", {"tone": "gray"}, "gray"),
        ("imgproxy", {"crop": Crop("square")}, "square"),
        ("imgproxy", {"crop": Crop("px", 9, 9, 0, 0), "mirror": True}, "crop"),
        ("imgproxy", {"crop": Crop("percent", 100, 100, 5, 5)}, "crop"),
        ("imgproxy", {"crop": Crop("percent", 9, 9, 100, 5)}, "crop"),
        ("imgproxy", {"scale": 50, "width": 9}, "scale"),
        ("imgproxy", {"width": 9, "height": 9, "fit": "pad", "focus": (0.3, 0)}, "focus"),
        ("iiif3", {"quality": 75}, "quality"),
        ("iiif3", {"blur": 1}, "blur"),
        ("iiif3", {"max_bytes": 80_000}, "max_bytes"),
        ("iiif3", {"background": "ffffff"}, "background"),
        ("iiif3", {"format": "keep"}, "format"),
        ("iiif3", {"width": 9, "height": 9, "fit": "cover"}, "fit"),
        ("iiif3", {"width": 9, "height": 9, "fit": "exact"}, "fit"),
        ("iiif3", {"scale": 50, "width": 9}, "scale"),
        ("iiif3", {"crop": Crop("px", 9, 9)}, "crop"),
        ("iiif3", {"crop": Crop("square"), "focus": (0, 0)}, "focus"),
        ("iiif2", {"crop": Crop("percent", 9, 9, 100, 5)}, "crop"),
    ],
)
def test_a_grammar_without_a_word_for_an_option_says_so(
    grammar: Grammar, changes: dict[str, Any], option: str
) -> None:
    preset = replace(WHOLE, **({"format": "jpeg"} | changes))

    with pytest.raises(UnsupportedOption) as fault:
        build(ImageRequest(image_id("a.jpg"), preset), grammar)

    assert fault.value.option == option


@pytest.mark.parametrize("grammar", ["imgix", "imgproxy"])
def test_only_iiif_has_strict_sizes(grammar: Grammar) -> None:
    request = ImageRequest(image_id("a.jpg"), replace(WHOLE, width=9), strict=True)

    with pytest.raises(UnsupportedOption):
        build(request, grammar)


@pytest.mark.parametrize("changes", [{}, {"scale": 50.0}, {"width": 9, "fit": "cover"}])
def test_sizes_that_cannot_be_strict(changes: dict[str, Any]) -> None:
    preset = replace(WHOLE, format="jpeg", **changes)

    with pytest.raises(UnsupportedOption):
        build(ImageRequest(image_id("a.jpg"), preset, strict=True), "iiif3")
