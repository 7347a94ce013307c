"""The public addresses of an image at the distribution, and the HTML that shows it on a page."""

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from imagemill.domain.keys import has_dot_segments
from imagemill.domain.record import renditions_version

if TYPE_CHECKING:
    from imagemill.domain.record import ImageRecord, StoredRendition
    from imagemill.functions.api.messages import Site
    from imagemill.functions.api.models import PublicLinks
    from imagemill.private.signer import LinkSigner

# Formats that are offered before the one of the `img` element, the smallest files first.
_OFFERED = ("avif", "webp")
# Widths below this one, in px, are for placeholders and icons: no page chooses them from a srcset.
_LEAST_WIDTH = 250
# Relative difference of ratios up to which a rendition shows the whole image.
_RATIO_TOLERANCE = 0.02


def public_links(
    record: "ImageRecord", site: "Site", signer: "LinkSigner | None" = None
) -> "PublicLinks | None":
    """Return the public addresses of an image; None without a distribution or renditions.

    Those of private images are signed.
    """
    named = {
        preset: one for preset, one in record.renditions.items() if not has_dot_segments(one.key)
    }
    if not site.url or record.status != "ready" or not named:
        return None
    is_on_request = bool(site.widths) and not has_dot_segments(record.key)
    addresses = {preset: _address(record, site, one, signer) for preset, one in named.items()}
    if is_on_request:
        sets = _on_request(record, site, signer)
    else:
        sets = _stored(record, [(one, addresses[preset]) for preset, one in named.items()])
    return {
        "renditions": addresses,
        "srcset": sets.get(""),
        "html": _picture(record, sets),
        "iiif": _iiif(record, site, signer),
    }


def _iiif(record: "ImageRecord", site: "Site", signer: "LinkSigner | None") -> str | None:
    """Return the address of IIIF; None if it needs cookies, and the caller has a share link."""
    if not site.widths or (signer and signer.latest is not None):
        return None
    return f"{site.url}/iiif/3/{_identifier(record, signer)}"


def _identifier(record: "ImageRecord", signer: "LinkSigner | None") -> str:
    """Return the identifier of IIIF: the id, or the key if cookies of the owner open it."""
    has_owner = signer and record.owner and not has_dot_segments(record.key)
    return quote(record.key, safe="") if has_owner else record.id


def _on_request(record: "ImageRecord", site: "Site", signer: "LinkSigner | None") -> dict[str, str]:
    """Return a srcset for each offered format, and under "" one whose format is negotiated."""
    path, signed = f"{site.url}/~/{quote(record.key)}", ""
    if signer:
        # One signature for all sizes, of a path that is no beginning of another image's path.
        path = f"{site.url}/~/{record.id}"
        signed = f"&{signer.policy(f'{path}?*').query}"
    original = record.original
    whole = (original.width if original else None) or site.widths[-1]
    widths = _useful(site.widths, whole)

    def srcset(option: str) -> str:
        return ", ".join(
            f"{path}?w={width}&{option}{signed} {min(width, whole)}w" for width in widths
        )

    return {**{to: srcset(f"fm={to}") for to in _OFFERED}, "": srcset("auto=format")}


def _useful(widths: "tuple[int, ...]", whole: int) -> list[int]:
    """Return the widths up to the first that is at least the original's."""
    at_least = next((width for width in widths if width >= whole), widths[-1])
    return [width for width in widths if _LEAST_WIDTH <= width <= at_least] or [at_least]


def _stored(
    record: "ImageRecord", addressed: "list[tuple[StoredRendition, str]]"
) -> dict[str, str]:
    """Return a srcset of the whole renditions of each offered format, and of the others."""
    whole = sorted(
        ((one, address) for one, address in addressed if _is_whole(record, one)), key=_width
    )
    sets: dict[str, list[str]] = {}
    others = {one.format for one, _ in whole} - set(_OFFERED)
    for one, address in whole:
        to = one.format if one.format in _OFFERED and others else ""
        sets.setdefault(to, []).append(f"{address} {one.width}w")
    return {to: ", ".join(addresses) for to, addresses in sets.items()}


def _is_whole(record: "ImageRecord", one: "StoredRendition") -> bool:
    """Return whether a rendition has the original's ratio, as far as rounding to px allows."""
    original = record.original
    if original is None or not original.width or not original.height:
        return True
    expected = one.height * original.width / original.height
    return abs(one.width - expected) < 2 + one.width * _RATIO_TOLERANCE


def _picture(record: "ImageRecord", sets: dict[str, str]) -> str | None:
    """Return a `picture` element with a source for each format; None without a whole rendition."""
    plain = sets.get("")
    if plain is None:
        return None
    sources = "".join(
        f'<source type="image/{to}" srcset="{escape(sets[to])}" sizes="100vw">'
        for to in _OFFERED
        if to in sets
    )
    largest = plain.rpartition(", ")[2].partition(" ")[0]
    original = record.original
    sides = (
        f' width="{original.width}" height="{original.height}"'
        if original and original.width and original.height
        else ""
    )
    image = (
        f'<img src="{escape(largest)}" srcset="{escape(plain)}" sizes="100vw"{sides}'
        ' alt="" loading="lazy">'
    )
    return f"<picture>{sources}{image}</picture>"


def _address(
    record: "ImageRecord", site: "Site", one: "StoredRendition", signer: "LinkSigner | None"
) -> str:
    """Return the address of a rendition, which changes whenever it is made again."""
    version = quote(renditions_version(record), safe="")
    if signer:
        owner = f"~{record.owner}/" if record.owner and one.key.endswith(record.key) else ""
        return signer.url(f"{site.url}/~~/{owner}{version}/{quote(one.key)}")
    if site.keeps_versions:
        return f"{site.url}/~~/{version}/{quote(one.key)}"
    return f"{site.url}/{quote(one.key)}?x-version={version}"


def _width(addressed: "tuple[StoredRendition, str]") -> int:
    return addressed[0].width
