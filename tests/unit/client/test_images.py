"""Images of the client have the fields of the API, and markup for pages."""

import types
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from imagemill.client import images
from imagemill.client.images import image_in
from imagemill.functions.api import models

# The dataclasses of the client, and the models of the API that they have to follow.
KINDS = [
    (images.Image, models.ImageDetails),
    (images.Original, models.Original),
    (images.Archived, models.Archived),
    (images.Rendition, models.Rendition),
    (images.FocalPoint, models.FocalPoint),
    (images.Fault, models.Fault),
    (images.StateChange, models.StateChange),
    (images.ImageLinks, models.ImageLinks),
    (images.PublicLinks, models.PublicLinks),
]
NAMES = {model: kind for kind, model in KINDS}
HTML = (
    '<picture><source type="image/avif" srcset="/a?w=1&amp;fm=avif 1w" sizes="100vw">'
    '<img src="/a" srcset="/a 1w" sizes="100vw" width="3" height="2" alt="" loading="lazy">'
    "</picture>"
)
FACTS: dict[str, Any] = {
    "id": "a" * 26,
    "key": "uploads/a.jpg",
    "filename": "a.jpg",
    "owner": None,
    "status": "ready",
    "sequencer": "0",
    "uploaded_at": "2026-05-04T10:20:30.123Z",
    "version_id": "v",
    "etag": "e",
    "original": {"bytes": 9, "width": 3, "height": 2, "format": "jpeg", "frames": 1},
    "renditions": {"500": {"key": "k", "bytes": 4, "width": 3, "height": 2, "format": "jpeg"}},
    "focus": {"x": 0.3, "y": 0.7},
    "warnings": ["truncated"],
    "error": None,
    "history": [{"status": "ready", "at": "2026-05-04T10:20:31.000Z", "attempt": 1, "code": None}],
    "links": {"original": "https://s3/o", "renditions": {"500": "https://s3/r"}},
    "public": {"renditions": {"500": "https://cdn/r"}, "srcset": "s", "html": HTML, "iiif": None},
}


def shape(hint: Any) -> object:  # noqa: ANN401  # a type of any kind
    """Return a type in the form in which a JSON type and a type of the client are equal."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {dict, Mapping}:
        return ("map", shape(arguments[1]))
    if origin in {list, tuple}:
        return ("list", shape(arguments[0]))
    if origin in {Union, types.UnionType}:
        return frozenset(map(shape, arguments))
    if origin is Literal:
        return arguments
    return NAMES.get(hint, hint)


@pytest.mark.parametrize(("kind", "model"), KINDS)
def test_the_client_has_the_fields_and_types_of_the_api(kind: type, model: type) -> None:
    own = get_type_hints(kind)
    mine = {field.name: shape(own[field.name]) for field in fields(kind)}

    assert mine == {name: shape(hint) for name, hint in get_type_hints(model).items()}


def test_an_image_is_read_from_json() -> None:
    image = image_in(FACTS)

    assert image.original == images.Original(9, 3, 2, "jpeg", 1)
    assert image.renditions["500"].width == 3
    assert (image.focus, image.warnings) == (images.FocalPoint(0.3, 0.7), ("truncated",))
    assert image.links.renditions == {"500": "https://s3/r"}
    assert image.srcset == "s"
    assert image.history == (images.StateChange("ready", "2026-05-04T10:20:31.000Z", 1),)


def test_fields_of_a_later_api_are_ignored() -> None:
    later = FACTS | {"taste": "sweet", "original": FACTS["original"] | {"depth": 10}}

    assert image_in(later) == image_in(FACTS)


def test_an_image_in_a_list_without_public_addresses_has_no_markup() -> None:
    image = image_in(FACTS | {"public": None})

    assert (image.srcset, image.picture(alt="x")) == (None, None)
    assert image.url("500") == "https://s3/r"


def test_the_address_of_a_rendition_is_the_public_one() -> None:
    image = image_in(FACTS)

    assert (image.url("500"), image.url("other")) == ("https://cdn/r", None)


def test_a_picture_is_filled_in_for_a_page() -> None:
    picture = image_in(FACTS).picture('A "b" & c', "(min-width: 9em) 50vw, 100vw")

    assert picture is not None
    assert picture.count('sizes="(min-width: 9em) 50vw, 100vw"') == 2
    assert 'alt="A &quot;b&quot; &amp; c" loading="lazy"></picture>' in picture
    assert '100vw"><img' in picture
    assert picture.__html__() == picture


def test_a_picture_gets_further_attributes_instead_of_the_defaults() -> None:
    picture = image_in(FACTS).picture("", class_="<a>", loading="eager", data_id="7")

    assert picture is not None
    assert picture.endswith(' alt="" class="&lt;a&gt;" loading="eager" data-id="7"></picture>')
    assert "lazy" not in picture
