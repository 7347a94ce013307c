"""The HTML that shows an image."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from imagemill.contrib.django.picture import Picture, Rendition
    from imagemill.contrib.django.state import ImageState

Attributes = dict[str, str | int | None]
"""Attributes of an element; one that is None is left out."""
# Formats of originals without transparency, through which the placeholder would stay visible.
_OPAQUE = frozenset({"jpeg"})
# Attributes that the caller may replace.
_DEFAULTS = {"loading": "lazy", "decoding": "async"}


def picture_html(
    state: "ImageState", alt: str, sizes: str, attributes: Mapping[str, str]
) -> SafeString:
    """Return a `picture` element of the whole image; a `span` with the status without renditions.

    `attributes` are those of the `img` element or of the `span`; in their names `_` stands for `-`.
    Width and height are those of the original, so that the page does not move while it loads.
    """
    if state.picture is None:
        return _status_html(state, alt, attributes)
    sources = format_html_join(
        "",
        '<source type="{}" srcset="{}" sizes="{}">',
        ((each.type, each.srcset, sizes) for each in state.picture.sources),
    )
    of_image = _of_image(state, state.picture, sizes) | _texts(state, alt, attributes)
    image = _start_tag("img", of_image)
    return format_html("<picture>{}{}</picture>", sources, image)


def rendition_html(
    state: "ImageState", shown: "Rendition | None", alt: str, attributes: Mapping[str, str]
) -> SafeString:
    """Return an `img` element of one rendition; a `span` with the status without it."""
    if shown is None:
        return _status_html(state, alt, attributes)
    of_file: Attributes = {"src": shown.url, "width": shown.width, "height": shown.height}
    return _start_tag("img", of_file | _texts(state, alt, attributes))


def _of_image(state: "ImageState", picture: "Picture", sizes: str) -> Attributes:
    """Return the attributes of the `img` element that name its files, and its size."""
    return {
        "src": picture.src,
        "srcset": picture.srcset,
        "sizes": sizes,
        "width": state.width,
        "height": state.height,
    }


def _texts(state: "ImageState", alt: str, attributes: Mapping[str, str]) -> Attributes:
    """Return the attributes that name no file, with a placeholder until the file is loaded."""
    is_filled = state.colour and state.format in _OPAQUE
    colour = {"style": f"background-color:{state.colour}"} if is_filled else {}
    placeholder = {"data-thumbhash": state.placeholder} if state.placeholder else {}
    return {"alt": alt, **_DEFAULTS, **colour, **placeholder, **_named(attributes)}


def _status_html(state: "ImageState", alt: str, attributes: Mapping[str, str]) -> SafeString:
    start = _start_tag("span", {"data-status": state.status, **_named(attributes)})
    return format_html("{}{}</span>", start, alt)


def _named(attributes: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in attributes.items()}


def _start_tag(name: str, attributes: Mapping[str, str | int | None]) -> SafeString:
    """Return the start tag of an element."""
    known = ((each, value) for each, value in attributes.items() if value is not None)
    return format_html("<{}{}>", name, format_html_join("", ' {}="{}"', known))
