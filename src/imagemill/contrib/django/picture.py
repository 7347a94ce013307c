"""The `picture` element of an image, as values that are stored and escaped when they are shown."""

from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from typing import Any

from imagemill.dataclass import dataclass

# Formats that are offered before the one of the `img` element, the smallest files first.
_OFFERED = ("avif", "webp")
# Relative difference of ratios up to which a rendition shows the whole image.
_RATIO_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class Rendition:
    """One rendition: where it is, its size in px and bytes, and its format."""

    url: str
    width: int
    height: int
    bytes: int
    format: str


@dataclass(frozen=True, slots=True)
class Source:
    """A `source` element: a media type and the files that have it."""

    type: str
    srcset: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The parts of a `picture` element that depend on the image alone."""

    src: str
    srcset: str
    sources: tuple[Source, ...] = ()


def picture_of_html(html: str) -> Picture | None:
    """Return the parts of the `picture` element that the API wrote; None if it has no image."""
    reader = _PictureReader()
    reader.feed(html)
    if reader.image is None:
        return None
    return Picture(
        reader.image.get("src", ""),
        reader.image.get("srcset", ""),
        tuple(Source(each.get("type", ""), each.get("srcset", "")) for each in reader.sources),
    )


def picture_of_renditions(
    renditions: Iterable[Rendition], width: int | None, height: int | None
) -> Picture | None:
    """Return a picture of the renditions that show the whole image; None if all are cropped.

    `width` and `height` are those of the original, px.
    """
    whole = sorted((each for each in renditions if is_whole(each, width, height)), key=_width)
    if not whole:
        return None
    others = [each for each in whole if each.format not in _OFFERED] or whole
    sources = tuple(
        Source(f"image/{to}", _srcset(each for each in whole if each.format == to))
        for to in _OFFERED
        if others is not whole and any(each.format == to for each in whole)
    )
    return Picture(others[-1].url, _srcset(others), sources)


def is_whole(rendition: Rendition, width: int | None, height: int | None) -> bool:
    """Return whether a rendition has the original's ratio, as far as rounding to px allows."""
    if not width or not height:
        return True
    expected = rendition.height * width / height
    return abs(rendition.width - expected) < 2 + rendition.width * _RATIO_TOLERANCE


def picture_from_json(facts: Mapping[str, Any] | None) -> Picture | None:
    """Return the picture from the result of `dataclasses.asdict`."""
    if facts is None:
        return None
    sources = tuple(Source(**each) for each in facts["sources"])
    return Picture(facts["src"], facts["srcset"], sources)


def _srcset(renditions: Iterable[Rendition]) -> str:
    return ", ".join(f"{each.url} {each.width}w" for each in renditions)


def _width(rendition: Rendition) -> int:
    return rendition.width


class _PictureReader(HTMLParser):
    """Collects the attributes of `source` elements and of the `img` element."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[dict[str, str]] = []
        self.image: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "source":
            self.sources.append(found)
        elif tag == "img":
            self.image = found
