"""The canonical IIIF URIs of variants."""

from imagemill.domain.image_request import ImageRequest
from imagemill.domain.record import ImageRecord
from imagemill.imaging.geometry import Size, fit
from imagemill.preset import MAX_SIDE
from imagemill.requests.build_iiif import canonical_parts, has_words
from imagemill.requests.iiif import Api
from imagemill.transform.source import placed

_APIS: tuple[Api, ...] = ("2", "3")


def canonical_uris(request: ImageRequest, record: ImageRecord) -> dict[str, str]:
    """Return region, size, rotation and quality.format of the canonical URIs by version of the API.

    Empty if IIIF has no words for the variant, or if a version before this one recorded no size.
    """
    original, preset = record.original, request.preset
    if not original or not original.width or not original.height or not has_words(preset):
        return {}
    fitted = fit(Size(original.width, original.height), placed(preset, record), MAX_SIDE)
    part, size = fitted.part, fitted.place.size
    whole, region = (original.width, original.height), (part.left, part.top, *_sides(part.size))
    return {api: canonical_parts(preset, whole, region, _sides(size), api) for api in _APIS}


def _sides(size: Size) -> tuple[int, int]:
    return size.width, size.height
