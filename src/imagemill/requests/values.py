"""Values in URLs: text to numbers, colours and keys, with one error for each that is wrong."""

import math
import re
from urllib.parse import unquote_to_bytes

from imagemill.domain.keys import MAX_KEY_BYTES, has_dot_segments, image_id, is_image_id
from imagemill.domain.quoting import quoted
from imagemill.preset import MAX_SIDE
from imagemill.requests.faults import InvalidUrl

# Longest side that a URL can name, px. One more means no limit in `Preset`.
LONGEST_SIDE = MAX_SIDE - 1
# Numbers are kept with four decimals, as in `preset.number`.
_UNITS = 10_000
_FRACTIONS = 1_000_000
_INTEGER = re.compile(r"0|[1-9][0-9]{0,9}")
_DECIMAL = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,20})?|\.[0-9]{1,20}")
_COLOUR = re.compile(r"#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_SHORT_COLOUR_LENGTH = 3
_PERCENT_ENCODED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")
# Versions of objects in S3 and S3-compatible stores.
_VERSION = re.compile(r"[A-Za-z0-9._-]{1,128}")
_CONTROLS = frozenset(map(chr, range(32))) | {"\x7f"}


def integer(text: str, option: str, least: int, most: int) -> int:
    """Return a whole number; raises InvalidUrl if it has another form or is out of range."""
    if _INTEGER.fullmatch(text) is None or not least <= int(text) <= most:
        raise InvalidUrl(f"expected {option} from {least} to {most}, got {quoted(text)}", option)
    return int(text)


def decimal(text: str, option: str, least: float, most: float) -> float:
    """Return a number, rounded to four decimals; raises InvalidUrl as `integer` does."""
    return rounded(_number(text, option, least, most))


def fraction(text: str, option: str, least: float, most: float) -> float:
    """Return a number, rounded to six decimals: a percentage with four, divided by 100.

    A number above 0 that would become 0 is wrong, too.
    """
    value = _number(text, option, least, most)
    nearest = math.floor(value * _FRACTIONS + 0.5) / _FRACTIONS
    if value and not nearest:
        raise InvalidUrl(f"expected at most six decimals in {option}", option)
    return nearest


def _number(text: str, option: str, least: float, most: float) -> float:
    if _DECIMAL.fullmatch(text) is None or not least <= float(text) <= most:
        message = f"expected {option} from {least:g} to {most:g}, got {quoted(text)}"
        raise InvalidUrl(message, option)
    return float(text)


def rounded(value: float) -> float:
    """Return a number with four decimals; halves are rounded up, as `Math.round` does."""
    return math.floor(value * _UNITS + 0.5) / _UNITS


def nearest_integer(value: float) -> int:
    """Return the nearest whole number; halves are rounded up, as `Math.round` does."""
    return math.floor(value + 0.5)


def colour(text: str, option: str) -> str:
    """Return six hexadecimal digits of a colour with three or six, with or without `#`."""
    if _COLOUR.fullmatch(text) is None:
        raise InvalidUrl(f"expected {option} as hexadecimal digits, got {quoted(text)}", option)
    digits = text.removeprefix("#").lower()
    if len(digits) == _SHORT_COLOUR_LENGTH:
        digits = "".join(digit * 2 for digit in digits)
    return digits


def version(text: str, option: str) -> str:
    """Return the version of an original; raises InvalidUrl for another form."""
    if _VERSION.fullmatch(text) is None:
        message = f"expected {option} of letters, digits, '.', '_' and '-', got {quoted(text)}"
        raise InvalidUrl(message, option)
    return text


def percent_decoded(text: str, option: str | None = None) -> str:
    """Decode once; raises InvalidUrl for a lone `%` and for bytes that are not UTF-8."""
    if _PERCENT_ENCODED.fullmatch(text) is None:
        raise InvalidUrl(
            f"expected two hexadecimal digits after every %, got {quoted(text)}", option
        )
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise InvalidUrl(f"expected UTF-8, got {quoted(text)}", option) from None


def id_of(name: str) -> str:
    """Return the id of the image that a URL names by its id or by its key.

    Keys that no URL can name, or that no S3 object can have, raise InvalidUrl.
    """
    if is_image_id(name):
        return name
    if not name or len(name.encode()) > MAX_KEY_BYTES:
        raise InvalidUrl(f"expected a key of 1 to {MAX_KEY_BYTES} bytes, got {quoted(name)}", "key")
    if not _CONTROLS.isdisjoint(name) or has_dot_segments(name):
        message = f"expected a key without control characters, '.' and '..', got {quoted(name)}"
        raise InvalidUrl(message, "key")
    return image_id(name)


def is_printable_ascii(text: str) -> bool:
    """Return whether a URL can contain the text: browsers percent-encode everything else."""
    return all("!" <= character <= "~" for character in text)
