"""URLs from requests: the same image in the words of each grammar.

A grammar that has no word for an option of the request raises UnsupportedOption. imgproxy's URLs
have to be signed by `sign`, the others only if they do more than unsigned ones may.
"""

from typing import Literal, get_args
from urllib.parse import quote

from imagemill.domain.image_request import ImageRequest
from imagemill.preset import Preset
from imagemill.requests import build_iiif, build_imgix, build_imgproxy, iiif, imgix, imgproxy
from imagemill.requests.faults import UnsupportedOption

Grammar = Literal["imgix", "imgproxy", "iiif2", "iiif3", "recipe"]
GRAMMARS: tuple[Grammar, ...] = get_args(Grammar)
# In place of the signature, until the URL is signed.
UNSIGNED = "unsigned"


def build(request: ImageRequest, grammar: Grammar, key: str | None = None) -> str:
    """Return the path and query of the request's URL; for `recipe` the text of one preset.

    The URL names the image by its id, or by `key`, which must be the key of this id.
    """
    name = request.image_id if key is None else key
    if grammar == "recipe":
        return recipe_text(request.preset)
    if (request.strict or request.tile) and grammar in {"imgix", "imgproxy"}:
        raise UnsupportedOption("only IIIF refuses smaller images", "strict")
    if grammar == "imgix":
        query = build_imgix.query(request.preset, request.version)
        return f"{imgix.PREFIX}{_in_path(name)}{'?' + query if query else ''}"
    if grammar == "imgproxy":
        options = build_imgproxy.options(request.preset, request.version)
        extension = build_imgproxy.extension(request.preset)
        return f"{imgproxy.PREFIX}{UNSIGNED}/{options}plain/{_in_path(name)}{extension}"
    api: iiif.Api = "3" if grammar == "iiif3" else "2"
    rest = build_iiif.parts(request, api)
    query = f"?v={request.version}" if request.version else ""
    return f"{iiif.PREFIX}{api}/{quote(name, safe='')}/{rest}{query}"


def recipe_text(preset: Preset) -> str:
    """Return the preset as a recipe writes it."""
    return str(preset)


def _in_path(name: str) -> str:
    return quote(name, safe="/")
