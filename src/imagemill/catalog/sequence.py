"""Which event is newer: S3's sequencers of one key, compared as the S3 guide says.

A sequencer is a hexadecimal text. Two of them compare as text after the shorter is padded with
zeros on the right. Taking the trailing zeros away instead gives the same order and one spelling
per value, so that a database can compare them as they are stored.
"""

OLDEST = ""
"""The sequencer of a picture that no event has announced yet; older than every other."""


def canonical(sequencer: str) -> str:
    """Return the one spelling under which sequencers compare as plain text.

    >>> canonical("0055aed6dcd90281e500") == canonical("0055AED6DCD90281E5")
    True
    """
    return sequencer.upper().rstrip("0")


_BETWEEN = "."
"""Sorts before every hexadecimal digit."""


def between(sequencer: str, token: str) -> str:
    """Return a place in the order right after this sequencer and before every later one of S3's.

    For news that S3 never gave a place: a longer text is newer than its beginning, and the dot
    that follows here is smaller than the digit by which any later sequencer differs. Different
    tokens give different places.
    """
    return f"{sequencer}{_BETWEEN}{token}"


def is_right_after(place: str, sequencer: str) -> bool:
    """Tell whether a place is this sequencer's own, or one that `between` gave right after it."""
    return place == sequencer or place.rpartition(_BETWEEN)[:2] == (sequencer, _BETWEEN)
