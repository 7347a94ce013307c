"""Choose the object that a variant is made from: a stored rendition, or else the original.

A rendition costs less to fetch and to decode. It is used only if the difference cannot be seen: it
shows the whole image, unedited, in good quality, and is several times as large as the variant.
"""

from dataclasses import replace

from imagemill.dataclass import dataclass
from imagemill.domain.record import ImageRecord, Original, StoredRendition
from imagemill.imaging.geometry import Size, fit_inside
from imagemill.preset import MAX_QUALITY, Preset
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules

# Pixels of a rendition on each side for one of the variant, by format: with fewer, the artefacts of
# its encoding are visible in the variant. At 640 px, a resize of a JPEG four times as large gets a
# SSIMULACRA 2 of 94, of one twice as large 90, and of the original 96. WebP gets 90 at four times,
# AVIF as little as WebP at twice: they are not used.
_SUPERSAMPLING = {"png": 2, "jpeg": 4}
# Lowest quality of a JPEG that is used: the default of the encoder.
_LEAST_JPEG_QUALITY = 82
# Name of the source that is no rendition; a preset of this name cannot be told from it in logs.
ORIGINAL = "original"
# Fits whose result depends only on the ratio of the source, not on its size.
_FITS = {"inside", "cover", "exact"}


@dataclass(frozen=True, slots=True)
class Source:
    """The object to render from, and the preset to render with.

    `name` is the preset of the stored rendition; ORIGINAL and None stand for the original.
    """

    preset: Preset
    name: str = ORIGINAL
    rendition: StoredRendition | None = None


def source_of(record: ImageRecord, wanted: Preset, recipes: RecipeRules) -> Source:
    """Return the source by the recipe and the focal point that the image has now."""
    recipe = recipes.recipe_of(record.key, record.rule or "")
    return choose_source(record, placed(wanted, record), recipe)


def placed(wanted: Preset, record: ImageRecord) -> Preset:
    """Return the preset with the focal point that the renditions of the image show.

    A change of the point gets a sequencer of its own, which removes the variants of the former one.
    """
    return wanted.placed_around(record.focus.point) if record.focus else wanted


def choose_source(record: ImageRecord, wanted: Preset, recipe: Recipe) -> Source:
    """Return the smallest rendition that serves the wanted variant, or the original."""
    original = record.original
    if wanted.format == "png":
        # The worker process reads presets as text, and PNG has no quality there.
        wanted = replace(wanted, quality=None)
    if original is None or record.recipe != recipe.hash or not _is_independent_of_size(wanted):
        return Source(wanted)
    width, height = original.width or 0, original.height or 0
    if not width or not height or (original.frames or 1) > 1:
        return Source(wanted)
    presets = {preset.name: preset for preset in recipe.presets}
    usable = [
        (rendition.width * rendition.height, name)
        for name, rendition in record.renditions.items()
        if _is_like(original, wanted, rendition, presets.get(name))
        and _is_large_enough(rendition, _scaled(wanted, width, height))
    ]
    if not usable:
        return Source(wanted)
    _, name = min(usable)
    return Source(_with_exact_size(wanted, width, height), name, record.renditions[name])


def _is_independent_of_size(wanted: Preset) -> bool:
    """Return False if an option counts pixels of the original."""
    return wanted.crop is None and wanted.scale is None and wanted.fit in _FITS


def _is_like(
    original: Original, wanted: Preset, rendition: StoredRendition, preset: Preset | None
) -> bool:
    """Return True if the rendition shows the whole original, with all that the variant shows."""
    if preset is None or preset.fit != "inside" or preset.edits():
        return False
    if wanted.gamut == "keep":
        return False
    if original.hdr and wanted.hdr == "keep" and not rendition.hdr:
        return False
    quality = rendition.quality or preset.quality or MAX_QUALITY
    if rendition.format == "jpeg" and quality < _LEAST_JPEG_QUALITY:
        return False
    if preset.format != "keep":
        # Only of JPEG is it known that there is no transparency, which JPEG has not.
        is_complete = rendition.format != "jpeg" or original.format == "jpeg"
        return wanted.format != "keep" and is_complete
    return True


def _scaled(wanted: Preset, width: int, height: int) -> tuple[float, float]:
    """Return the sides of the whole image at the scale of the variant, in px."""
    across, down = wanted.width / width, wanted.height / height
    match wanted.fit:
        case "exact":
            return min(1.0, across) * width, min(1.0, down) * height
        case "cover":
            scale = min(1.0, max(across, down))
        case _:
            scale = min(1.0, across, down)
    return scale * width, scale * height


def _is_large_enough(rendition: StoredRendition, needed: tuple[float, float]) -> bool:
    """Return True if no side lacks a whole px: those of a rendition are rounded."""
    times = _SUPERSAMPLING.get(rendition.format)
    if times is None:
        return False
    lacks = times * needed[0] - rendition.width, times * needed[1] - rendition.height
    return max(lacks) < 1


def _with_exact_size(wanted: Preset, width: int, height: int) -> Preset:
    """Return the preset with the size that the original gives it.

    The ratio of a rendition is rounded to whole px, so fitting it could give a px more or less.
    """
    if wanted.fit != "inside":
        return wanted
    size = fit_inside(Size(width, height), Size(wanted.width, wanted.height))
    return replace(wanted, width=size.width, height=size.height, fit="exact")
