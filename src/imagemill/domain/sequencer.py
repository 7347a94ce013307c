"""The order of events of one key, by S3's sequencers, compared as the S3 User Guide says.

A sequencer is a hexadecimal text. Two of them compare as text after the shorter is padded with
zeros on the right. Removing the trailing zeros instead gives the same order and one spelling per
value, so that DynamoDB can compare them as they are stored.
"""

import re

# The sequencer of an image without an event so far; older than every other.
OLDEST = ""


def canonical(sequencer: str) -> str:
    """Return the one spelling under which sequencers compare as plain text.

    >>> canonical("0055aed6dcd90281e500") == canonical("0055AED6DCD90281E5")
    True
    """
    return sequencer.upper().rstrip("0")


_PLACE = re.compile(r"(?P<base>.*)\.(?P<number>[0-9a-f]{8})\.(?P<token>[^.]*)", re.DOTALL)


def between(sequencer: str, token: str) -> str:
    """Return a place in the order right after this sequencer and before every later one of S3's.

    It is for findings that no event of S3 announced. A text is older than a longer one that begins
    with it, and the dot that follows here sorts before every hexadecimal digit by which a later
    sequencer could differ. Different tokens give different places. If `sequencer` is already such a
    place, the same token returns it unchanged, and another token the next number; so places do not
    grow.

    >>> between("0055A", "x"), between(between("0055A", "x"), "y")
    ('0055A.00000001.x', '0055A.00000002.y')
    """
    former = _PLACE.fullmatch(sequencer)
    if former is None:
        return place_after(sequencer, 1, token)
    if former["token"] == token:
        return sequencer
    return place_after(former["base"], int(former["number"], 16) + 1, token)


def place_after(sequencer: str, number: int, token: str) -> str:
    """Return a place as `between` does, with a number of one's own: a greater one is later."""
    return f"{sequencer}.{number:08x}.{token}"


def base_of(place: str) -> str:
    """Return the sequencer of S3 that a place comes after; any other text is returned unchanged.

    >>> base_of(between("0055A", "x")), base_of("0055A")
    ('0055A', '0055A')
    """
    found = _PLACE.fullmatch(place)
    return found["base"] if found else place
