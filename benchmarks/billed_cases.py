"""The cases that `billed.py` measures: originals by format and size, each with some recipes."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from imagemill.costs.durations import Format

_SET = "320, 640, 1280, 1920"
_COVER = "160x160:cover, 500, 2048"
_PLAIN = ("500", "1600:jpeg")
# Recipes by format and megapixels of the original, that the model is fitted to.
_FITTED: Mapping[tuple[Format, float], tuple[str, ...]] = {
    ("jpeg", 2): ("500", "1280", _COVER, "500:webp", "1280:avif", "1280:jxl"),
    ("jpeg", 6): ("250", "800", "1920:webp", _SET),
    ("jpeg", 12): (
        "500",
        "1280",
        "2048",
        _SET,
        _COVER,
        "500:webp",
        "1600:webp",
        "500:avif",
        "1600:avif",
        "500:png",
        "1600:png",
        "500:jxl",
        "1600:jxl",
    ),
    ("jpeg", 24): ("500", "1600", "2048:webp", _COVER),
    ("png", 2): _PLAIN,
    ("png", 12): (*_PLAIN, "500:jpeg"),
    ("webp", 2): _PLAIN,
    ("webp", 12): (*_PLAIN, "500:jpeg"),
    ("avif", 2): _PLAIN,
    ("avif", 12): (*_PLAIN, "500:jpeg"),
    ("heic", 2): _PLAIN,
    ("heic", 12): (*_PLAIN, "500:webp"),
    ("jxl", 2): _PLAIN,
    ("jxl", 12): _PLAIN,
    ("tiff", 2): _PLAIN,
    ("tiff", 12): _PLAIN,
    ("raw", 12): _PLAIN,
    ("raw", 24): _PLAIN,
    ("ultrahdr", 2): _PLAIN,
    ("ultrahdr", 12): (*_PLAIN, "500:webp"),
}
# Recipes that the model is tested with: other sizes, other sets.
_OTHERS: Mapping[tuple[Format, float], tuple[str, ...]] = {
    ("jpeg", 4): ("500", "1600", "400x300:cover, 1024"),
    ("jpeg", 8): (
        "1024",
        "1920",
        "640:webp",
        "1024:avif",
        "320:webp, 640:webp, 1280:webp",
        "1280:jpeg:e0",
        "1024:webp:e4",
        "800:avif:e3",
        "1024:jxl",
    ),
    ("jpeg", 16): ("800, 500, 250, 100", "1600", "320:avif, 1280:avif"),
    ("png", 6): ("800:webp", "1280:jpeg"),
    ("webp", 6): ("1024:jpeg", "320, 640"),
    ("avif", 6): ("500:webp", "1280:jpeg"),
    ("heic", 6): ("500", "1280", "320, 640, 1280"),
    ("jxl", 6): ("1024:jpeg", "500:webp"),
    ("tiff", 6): ("1024:jpeg", "500:webp"),
    ("raw", 16): ("800", "1280:webp"),
    ("ultrahdr", 6): ("800", "320, 640, 1280"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """An original, by format and megapixels, and a recipe."""

    format: Format
    megapixels: float
    recipe: str
    # True if the model is fitted to it.
    is_fitted: bool


def cases(formats: Collection[str]) -> Iterator[Case]:
    """Yield the cases whose originals have one of the formats."""
    for table, is_fitted in ((_FITTED, True), (_OTHERS, False)):
        for (kind, megapixels), recipes in table.items():
            if kind in formats:
                yield from (Case(kind, megapixels, recipe, is_fitted) for recipe in recipes)
