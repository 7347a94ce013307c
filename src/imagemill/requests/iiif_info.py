"""Information documents of IIIF: size, tiles and features of an image (3.0, 5; 2.1, 5)."""

from typing import Any

from imagemill.requests.iiif import FORMATS, QUALITIES, SCALE_FACTORS, TILE_SIDE
from imagemill.requests.settings import Settings

PROTOCOL = "http://iiif.io/api/image"
# Media types of the documents (3.0, 5.1; 2.1, 5).
MEDIA_TYPE_3 = f'application/ld+json;profile="{PROTOCOL}/3/context.json"'
MEDIA_TYPE_2 = "application/ld+json"
# Features beyond the profile.
_LINKS = ("canonicalLinkHeader", "profileLinkHeader")
_FEATURES_3 = ("mirroring", *_LINKS)
_FEATURES_2 = ("mirroring", "regionSquare", *_LINKS)
_FEATURES_OF_LEVEL_0 = ("baseUriRedirect", "cors", "jsonldMediaType", *_LINKS)
_QUALITIES_OF_LEVEL_0 = ["color"]
# The formats and qualities that level 2 has.
_FORMATS_OF_LEVEL_2 = frozenset({"jpg", "png"})


def info_3(uri: str, width: int, height: int, settings: Settings) -> dict[str, Any]:
    """Return the document of version 3.0 for an upright original of width × height px.

    `uri` is the address without `/info.json`.
    """
    document: dict[str, Any] = {
        "@context": f"{PROTOCOL}/3/context.json",
        "id": uri,
        "type": "ImageService3",
        "protocol": PROTOCOL,
        "profile": settings.iiif_profile,
        "width": width,
        "height": height,
        **_sizes_and_tiles(width, height, settings),
    }
    if settings.iiif_profile == "level0":
        return {
            **document,
            "maxWidth": settings.widths[-1],
            "maxHeight": settings.widths[-1],
            "extraFormats": [name for name in FORMATS if name != "jpg"],
            "extraQualities": _QUALITIES_OF_LEVEL_0,
            "extraFeatures": list(_FEATURES_OF_LEVEL_0),
        }
    return {
        **document,
        "extraFormats": [name for name in FORMATS if name not in _FORMATS_OF_LEVEL_2],
        "extraQualities": [name for name in QUALITIES if name != "default"],
        "extraFeatures": list(_FEATURES_3),
    }


def info_2(uri: str, width: int, height: int, settings: Settings) -> dict[str, Any]:
    """Return the document of version 2.1; see `info_3`."""
    extras: dict[str, Any] = {"formats": list(FORMATS)}
    if settings.iiif_profile == "level0":
        extras |= {
            "qualities": ["default", *_QUALITIES_OF_LEVEL_0],
            "supports": list(_FEATURES_OF_LEVEL_0),
            "maxWidth": settings.widths[-1],
            "maxHeight": settings.widths[-1],
        }
    else:
        extras |= {"qualities": list(QUALITIES), "supports": list(_FEATURES_2)}
    return {
        "@context": f"{PROTOCOL}/2/context.json",
        "@id": uri,
        "protocol": PROTOCOL,
        "width": width,
        "height": height,
        "profile": [f"{PROTOCOL}/2/{settings.iiif_profile}.json", extras],
        **_sizes_and_tiles(width, height, settings),
    }


def _sizes_and_tiles(width: int, height: int, settings: Settings) -> dict[str, Any]:
    steps = [step for step in settings.widths if step < width]
    # The last factor at which the whole image is one tile.
    factors = [scale for scale in SCALE_FACTORS if TILE_SIDE * scale < 2 * max(width, height)]
    return {
        "sizes": [{"width": step, "height": _height(step, width, height)} for step in steps],
        "tiles": [{"width": TILE_SIDE, "height": TILE_SIDE, "scaleFactors": factors or [1]}],
    }


def _height(step: int, width: int, height: int) -> int:
    """Return the height that belongs to a width, rounded as the renderer does."""
    return max(1, (2 * step * height + width) // (2 * width))
