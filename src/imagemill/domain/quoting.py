"""Untrusted text quoted in a message: short, on one line, without control characters."""

import json

# Most characters of untrusted text that a message quotes; the rest is left out.
MAX_QUOTED = 40
_MAX_BITS = 64
# JSON types of unlimited length.
_TYPES: dict[type, str] = {dict: "an object", list: "a list"}


def quoted(value: object, most: int = MAX_QUOTED) -> str:
    """Return at most `most` characters of a text in quotes, or a short form of another value.

    Escapes everything unprintable: control characters, text direction overrides, lone surrogates.

    >>> quoted("a" * 50, 3)
    "'aaa…'"
    """
    if isinstance(value, str):
        return repr(value if len(value) <= most else value[:most] + "…")
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        return "a number of many digits"
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    return _TYPES.get(type(value), "another value")
