"""imgproxy's grammar: `/~p/{signature}/{options}/plain/{key}@{format}`, always signed."""

import base64
import binascii
import re

from imagemill.dataclass import dataclass
from imagemill.domain.quoting import quoted
from imagemill.preset import COMPASS, MAX_SIDE, PERCENT, Crop, Fit, Point, Preset
from imagemill.requests.faults import InvalidUrl, UnsupportedOption, UrlExpired
from imagemill.requests.imgproxy_options import Draft, apply, read_format
from imagemill.requests.options import WHOLE, Wanted, normal
from imagemill.requests.orientation import Orientation
from imagemill.requests.values import LONGEST_SIDE, nearest_integer, percent_decoded, rounded

PREFIX = "/~p/"
_BASE64 = re.compile(r"[A-Za-z0-9_-]+=*")
_PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Source:
    """The key in a path, and the options before it."""

    key: str
    wanted: Wanted


def normalized(path: str) -> str:
    """Return the path after the signature as the client signed it.

    Some proxies encode the colons between an option and its arguments.
    """
    options, plain, source = path.partition(f"/{_PLAIN}/")
    return options.replace("%3A", ":") + plain + source


def parse(path: str, now: int) -> Source:
    """Read the path after the signature, without the first slash.

    Raises UrlFault for the first wrong option, and UrlExpired if the URL was valid until before
    `now`, Unix time in s.
    """
    draft = Draft()
    segments = normalized(path).split("/")
    while segments and ":" in segments[0]:
        name, *arguments = segments.pop(0).split(":")
        apply(draft, name, arguments)
    key, extension = _source(segments)
    if extension:
        read_format(draft, "format", [extension])
    if 0 < draft.expires < now:
        raise UrlExpired("the URL was valid until a time that is over", "expires")
    return Source(key, Wanted(_finished(draft), version=draft.version))


def _source(segments: list[str]) -> tuple[str, str]:
    """Return the key and the format after it, or an empty text."""
    is_plain = segments[:1] == [_PLAIN] and len(segments) > 1
    text = "/".join(segments[1:]) if is_plain else "".join(segments)
    source, *extensions = text.split("@" if is_plain else ".")
    if not source or len(extensions) > 1:
        raise InvalidUrl(f"expected a key and at most one format, got {quoted(text)}", "key")
    key = percent_decoded(source, "key") if is_plain else _from_base64(source)
    return key, "".join(extensions)


def _from_base64(text: str) -> str:
    fault = InvalidUrl(f"expected a key in base64url, got {quoted(text)}", "key")
    if _BASE64.fullmatch(text) is None:
        raise fault
    bare = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise fault from None


def _finished(draft: Draft) -> Preset:
    turned = Orientation().rotated(draft.rotation)
    turned = turned.mirrored() if draft.flips[0] else turned
    turned = turned.flipped() if draft.flips[1] else turned
    width, height = (_side(side, draft) for side in (draft.width, draft.height))
    fit = _fit(draft)
    crop = _crop(draft, turned)
    focus = _focus(draft, fit)
    scale = rounded(draft.zoom * draft.dpr * PERCENT)
    has_box = bool(draft.width or draft.height)
    preset = Preset(
        WHOLE.name,
        *((height, width) if turned.swaps_sides else (width, height)),
        fit,
        draft.format,
        draft.quality,
        crop=crop,
        scale=None if has_box or scale >= PERCENT else max(scale, 1 / 10_000),
        focus=turned.before(focus) if focus else None,
        mirror=turned.mirror,
        rotation=turned.rotation,
        blur=draft.blur,
        sharpen=draft.sharpen,
        background=draft.background,
    )
    return normal(preset)


def _side(side: int, draft: Draft) -> int:
    if not side:
        return MAX_SIDE
    return max(1, min(LONGEST_SIDE, nearest_integer(side * draft.zoom * draft.dpr)))


def _fit(draft: Draft) -> Fit:
    sides = bool(draft.width) + bool(draft.height)
    if draft.fit == "exact" and sides == 1:
        raise UnsupportedOption("expected both sides for the resizing type force", "resizing_type")
    if not draft.extends:
        return draft.fit
    if draft.fit != "inside" or sides != 2:  # noqa: PLR2004  # width and height
        raise UnsupportedOption("expected the resizing type fit and both sides", "extend")
    return "pad"


def _crop(draft: Draft, turned: Orientation) -> Crop | None:
    if draft.crop is None:
        return None
    sides = draft.crop[::-1] if turned.swaps_sides else draft.crop
    offset = draft.crop_offset or (0, 0)
    if draft.crop_offset is not None and turned != Orientation():
        raise UnsupportedOption("expected a crop without offsets beside rotate and flip", "crop")
    place = (None, None) if draft.crop_offset is None else offset
    if max(*sides, *offset) < 1:
        percents = [rounded((side or 1) * PERCENT) for side in sides]
        offsets = [None if part is None else rounded(part * PERCENT) for part in place]
        return Crop("percent", *percents, *offsets)
    if min(sides) < 1 or any(0 < part < 1 for part in offset):
        raise UnsupportedOption("expected all numbers of crop in px, or all below 1", "crop")
    return Crop("px", *map(int, sides), *place)


def _focus(draft: Draft, fit: Fit) -> Point | None:
    """Return the one focus of crop, cover and pad, as displayed; None if the URL names none."""
    focus = draft.extend_focus if fit == "pad" else draft.focus
    if draft.crop is None or draft.crop_offset is not None:
        return focus
    crop_focus = draft.crop_focus or draft.focus
    is_same = (crop_focus or COMPASS["centre"]) == (focus or COMPASS["centre"])
    if not is_same and fit in {"cover", "pad"}:
        raise UnsupportedOption("expected the same gravity for crop and for the box", "crop")
    return crop_focus
