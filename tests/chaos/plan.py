"""The plan of a storm: what is done to which file, in which order. Chance in, a list out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

_HASTE = 0.4
"""How often the next act on a file follows the last one at once."""
_ROUTES = (
    "",
    "",
    "o",
    "s",
    "hu",
    "oso",
    "ohuo",
    "hus",
    "",
    "",
    "",
    "",
    "s",
    "ss",
    "o",
    "oo",
    "h",
    "hh",
    "hu",
    "hus",
    "ho",
    "e",
    "oe",
    "se",
    "ohu",
    "oeh",
    "ee",
    "ehu",
    "osu",
    "x",
    "ox",
    "xo",
    "ohux",
)
"""What may become of a file after it was put, a letter an act."""


class Act(StrEnum):
    """What users do to one file; `AFRESH` is every file's first act."""

    AFRESH = "p"
    """Put it for the first time."""
    OTHER = "o"
    """Put other bytes over it."""
    SAME = "s"
    """Put the bytes that were put last over it."""
    HIDE = "h"
    """Delete it: a delete marker comes to lie on top."""
    UNHIDE = "u"
    """Take the newest delete marker away, if one is on top."""
    ERASE = "e"
    """Erase the newest version for good, which may bring back the one below."""
    EXTINGUISH = "x"
    """Erase every version and every delete marker."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Acts on one file that follow each other at once; `contents` are those that it may hold."""

    key: str
    acts: tuple[Act, ...]
    contents: tuple[int, int]
    """Numbers of the first content and of the other one."""


def plan(random: Random, keys: Sequence[str], contents: int) -> list[Deed]:
    """Return the deeds of all users in their order; those to one file keep theirs."""
    placed: list[tuple[float, Deed]] = []
    for key in keys:
        deeds = _deeds(random, key, random.randrange(contents), random.randrange(contents))
        start = random.random()
        gaps = sorted(random.uniform(0, 0.2) for _ in deeds[1:])
        times = [start, *(start + gap for gap in gaps)]
        placed += zip(times, deeds, strict=True)
    return [deed for _, deed in sorted(placed, key=lambda pair: pair[0])]


def side_by_side(deeds: Iterable[Deed], most: int) -> Iterator[list[Deed]]:
    """Yield the deeds in groups that may be done at once: at most one to each file."""
    group: list[Deed] = []
    for deed in deeds:
        if len(group) == most or deed.key in {other.key for other in group}:
            yield group
            group = []
        group.append(deed)
    if group:
        yield group


def key_of(random: Random, number: int) -> str:
    """Return the key of the number-th file: mostly plain, some in need of every escape there is."""
    folder = random.choice(("chaos", "été 2026", "a+b & c", "日本", "100%/?#"))
    return f"{folder}/{number:05}{random.choice(('.jpg', '.png', '', ' (1).JPG', '.tar.gz'))}"


def _deeds(random: Random, key: str, first: int, other: int) -> list[Deed]:
    acts = [Act.AFRESH, *map(Act, random.choice(_ROUTES))]
    bursts: list[list[Act]] = []
    for act in acts:
        if bursts and random.random() < _HASTE:
            bursts[-1].append(act)
        else:
            bursts.append([act])
    return [Deed(key, tuple(burst), (first, other)) for burst in bursts]
