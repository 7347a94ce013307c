"""The template tag writes HTML in which everything from outside is escaped."""

import pytest
from django.core.files.base import ContentFile
from django.template import Context, Template
from fakes.images import jpeg, png
from shop.models import Banner, Product

from imagemill.contrib.django.markup import picture_html
from imagemill.contrib.django.picture import (
    Picture,
    Rendition,
    Source,
    picture_of_html,
    picture_of_renditions,
)
from imagemill.contrib.django.state import ImageState

PICTURE = Picture("/l.jpg", "/s.jpg 40w, /l.jpg 80w", (Source("image/avif", "/l.avif 80w"),))
READY = ImageState(
    "a.jpg", "ready", 120, 80, format="jpeg", colour="#aabbcc", placeholder="3Oc=", picture=PICTURE
)


def shown(tag: str, **context: object) -> str:
    return Template("{% load imagemill %}" + tag).render(Context(context))


def test_a_picture_has_a_source_for_each_format_and_the_size_of_the_original() -> None:
    html = picture_html(READY, "A lake", "50vw", {"class": "hero", "data_zoom": "1"})

    assert html == (
        '<picture><source type="image/avif" srcset="/l.avif 80w" sizes="50vw">'
        '<img src="/l.jpg" srcset="/s.jpg 40w, /l.jpg 80w" sizes="50vw" width="120" height="80"'
        ' alt="A lake" loading="lazy" decoding="async" style="background-color:#aabbcc"'
        ' data-thumbhash="3Oc=" class="hero" data-zoom="1"></picture>'
    )


def test_texts_are_escaped() -> None:
    evil = '"><script>'
    state = ImageState("a.jpg", "ready", colour=evil, format="jpeg", picture=Picture(evil, evil))

    html = picture_html(state, evil, evil, {"class": evil})

    assert "<script>" not in html
    assert html.count("&quot;&gt;&lt;script&gt;") == 6


def test_an_original_that_may_be_transparent_gets_no_background() -> None:
    assert "style" not in picture_html(
        ImageState("a.png", "ready", format="png", colour="#aabbcc", picture=PICTURE), "", "", {}
    )


def test_the_tag_shows_a_picture_of_the_whole_image() -> None:
    product = Product(name="sea")
    product.photo.save("a.png", ContentFile(png(120, 80)))

    html = shown('{% picture product.photo alt="A lake" sizes="40px" %}', product=product)

    url = product.photo.url
    assert html.startswith(f'<picture><img src="{url}" srcset="{url} 40w" sizes="40px"')
    assert 'width="120" height="80" alt="A lake"' in html


def test_the_tag_shows_the_rendition_of_a_preset() -> None:
    product = Product(name="sea")
    product.photo.save("a.jpg", ContentFile(jpeg(120, 80)))

    html = shown('{% picture product.photo preset="square" style=None %}', product=product)

    square = product.photo.renditions["square"].url
    assert html.startswith(f'<img src="{square}" width="20" height="20" alt="" loading="lazy"')
    assert "style" not in html


def test_a_preset_that_the_image_does_not_have_shows_the_status() -> None:
    product = Product(name="sea")
    product.photo.save("a.jpg", ContentFile(jpeg()))

    html = shown('{% picture product.photo alt="Sea" preset="huge" %}', product=product)

    assert html == '<span data-status="ready">Sea</span>'


@pytest.mark.parametrize("tag", ["{% picture product.photo %}", "{% picture product.missing %}"])
def test_without_an_image_the_tag_shows_nothing(tag: str) -> None:
    assert shown(tag, product=Product.objects.create(name="none")) == ""


def test_a_field_with_cropped_renditions_only_shows_its_preset() -> None:
    banner = Banner()
    banner.image.save("a.jpg", ContentFile(jpeg(120, 80)))
    banner.image.image.state["picture"] = None

    assert banner.image.picture().startswith(f'<img src="{banner.image.url}" width="20"')


def test_a_rejected_image_shows_its_status() -> None:
    product = Product(name="words")
    product.photo.save("a.jpg", ContentFile(b"words"))

    assert product.photo.picture("Sea") == '<span data-status="rejected">Sea</span>'


def test_the_picture_of_the_api_is_taken_apart() -> None:
    html = (
        '<picture><source type="image/webp" srcset="https://d/a?w=2&amp;fm=webp 2w" sizes="100vw">'
        '<img src="https://d/a?w=2&amp;v=1" srcset="https://d/a?w=2&amp;v=1 2w" alt=""></picture>'
    )

    assert picture_of_html(html) == Picture(
        "https://d/a?w=2&v=1",
        "https://d/a?w=2&v=1 2w",
        (Source("image/webp", "https://d/a?w=2&fm=webp 2w"),),
    )
    assert picture_of_html("<p>") is None


def made(to: str, width: int, height: int) -> Rendition:
    return Rendition(f"/{to}-{width}", width, height, 9, to)


def test_whole_renditions_are_offered_by_format_and_cropped_ones_are_not() -> None:
    found = picture_of_renditions(
        [
            made("jpeg", 800, 533),
            made("webp", 400, 267),
            made("jpeg", 400, 267),
            made("webp", 160, 160),
            made("avif", 800, 533),
        ],
        1200,
        800,
    )

    assert found == Picture(
        "/jpeg-800",
        "/jpeg-400 400w, /jpeg-800 800w",
        (Source("image/avif", "/avif-800 800w"), Source("image/webp", "/webp-400 400w")),
    )


def test_renditions_in_one_format_need_no_sources() -> None:
    found = picture_of_renditions([made("webp", 800, 533), made("webp", 400, 267)], 1200, 800)

    assert found == Picture("/webp-800", "/webp-400 400w, /webp-800 800w")


@pytest.mark.parametrize(
    ("width", "height", "expected"), [(1200, 800, None), (None, None, "/jpeg-160")]
)
def test_cropped_renditions_make_no_picture(
    width: int | None, height: int | None, expected: str | None
) -> None:
    found = picture_of_renditions([made("jpeg", 160, 160)], width, height)

    assert (found.src if found else None) == expected
