"""Durations in options of commands: a number and its unit."""

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,7})([smhd])")


def seconds_in(text: str) -> int | None:
    """Return the seconds in a duration such as 30m, 12h or 7d; None for any other text."""
    found = _DURATION.fullmatch(text)
    return int(found[1]) * _SECONDS[found[2]] if found else None
