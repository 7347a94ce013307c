"""The cases that `billed.py` measures: originals by format and size, each with some recipes."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from imagemill.costs.work import Format

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
    ("gif", 0.5): ("500", "500:jpeg"),
    ("gif", 2): ("500", "1200", "1600:jpeg"),
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
    ("gif", 1): ("800", "640:webp"),
    ("raw", 16): ("800", "1280:webp"),
    ("ultrahdr", 6): ("800", "320, 640, 1280"),
}
# Recipes by format, megapixels and frames of animations, fitted and not.
_MOVING: Mapping[tuple[Format, float, int], tuple[str, ...]] = {
    ("gif", 0.12, 24): ("320", "320:webp"),
    ("gif", 0.3, 12): ("500", "500:webp", "500:avif"),
    ("gif", 0.3, 48): ("320", "500:webp"),
    ("gif", 1, 24): ("500", "800:webp", "500:avif"),
    ("webp", 0.3, 24): ("500", "320:avif"),
    ("webp", 1, 12): ("500", "800"),
    ("avif", 0.3, 24): ("500", "500:webp"),
    ("avif", 1, 12): ("500", "800"),
}
_OTHERS_MOVING: Mapping[tuple[Format, float, int], tuple[str, ...]] = {
    ("gif", 0.5, 30): ("400", "640:webp", "400:avif"),
    ("webp", 0.5, 30): ("400", "640"),
    ("avif", 0.5, 20): ("400", "640:webp"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """An original, by format and megapixels, and a recipe."""

    format: Format
    megapixels: float
    recipe: str
    # True if the model is fitted to it.
    is_fitted: bool
    frames: int = 1


def cases(formats: Collection[str]) -> Iterator[Case]:
    """Yield the cases whose originals have one of the formats."""
    for table, is_fitted in ((_FITTED, True), (_OTHERS, False)):
        for (kind, megapixels), recipes in table.items():
            if kind in formats:
                yield from (Case(kind, megapixels, recipe, is_fitted) for recipe in recipes)
    for moving, is_fitted in ((_MOVING, True), (_OTHERS_MOVING, False)):
        for (kind, megapixels, frames), recipes in moving.items():
            if kind in formats:
                yield from (Case(kind, megapixels, each, is_fitted, frames) for each in recipes)
