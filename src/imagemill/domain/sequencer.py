"""Which event is newer: S3's sequencers of one key, compared as the S3 guide says.

A sequencer is a hexadecimal text. Two of them compare as text after the shorter is padded with
zeros on the right. Taking the trailing zeros away instead gives the same order and one spelling
per value, so that a database can compare them as they are stored.
"""

import re

OLDEST = ""
"""The sequencer of an image that no event has announced yet; older than every other."""


def canonical(sequencer: str) -> str:
    """Return the one spelling under which sequencers compare as plain text.

    >>> canonical("0055aed6dcd90281e500") == canonical("0055AED6DCD90281E5")
    True
    """
    return sequencer.upper().rstrip("0")


_PLACE = re.compile(r"(?P<base>.*)\.(?P<number>[0-9a-f]{8})\.(?P<token>[^.]*)", re.DOTALL)


def between(sequencer: str, token: str) -> str:
    """Return a place in the order right after this sequencer and before every later one of S3's.

    For findings that S3 never announced. A longer text is newer than its beginning, and the dot
    that follows here sorts before the digit by which any later sequencer differs. Different tokens
    give different places. After a place with the same token comes that place itself, and after one
    with another token the next number, so that places do not grow however often they follow one
    another.

    >>> between("0055A", "x"), between(between("0055A", "x"), "y")
    ('0055A.00000001.x', '0055A.00000002.y')
    """
    former = _PLACE.fullmatch(sequencer)
    if former is None:
        return f"{sequencer}.{1:08x}.{token}"
    if former["token"] == token:
        return sequencer
    return f"{former['base']}.{int(former['number'], 16) + 1:08x}.{token}"
