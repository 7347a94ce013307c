"""Random plan of the users' actions on each key, and their order. No I/O."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

# Share of actions that follow the previous action on the same key without a pause.
_IMMEDIATE = 0.4
# Possible actions after the first put, one letter per action (see `Action`).
_LATER_ACTIONS = (
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


class Action(StrEnum):
    """Action of a user on one key; the first action is always CREATE."""

    CREATE = "p"
    """Put the first content."""
    OVERWRITE = "o"
    """Put the other of the two contents."""
    PUT_SAME = "s"
    """Put the content of the last put again."""
    DELETE = "h"
    """Delete without a version id: S3 adds a delete marker."""
    UNDELETE = "u"
    """Delete the delete marker, if it is the newest version."""
    DELETE_VERSION = "e"
    """Delete the newest version permanently; an older version may become current."""
    DELETE_ALL_VERSIONS = "x"
    """Delete all versions and delete markers permanently."""


@dataclass(frozen=True, slots=True)
class ActionSequence:
    """Actions on one key without a pause between them."""

    key: str
    actions: tuple[Action, ...]
    contents: tuple[int, int]
    """Indexes of the first and of the other content."""


def plan_actions(random: Random, keys: Sequence[str], contents: int) -> list[ActionSequence]:
    """Return the sequences of all keys, mixed at random; those of one key stay in order.

    `contents` is the number of different contents to choose from.
    """
    placed: list[tuple[float, ActionSequence]] = []
    for key in keys:
        sequences = _sequences(random, key, random.randrange(contents), random.randrange(contents))
        start = random.random()
        gaps = sorted(random.uniform(0, 0.2) for _ in sequences[1:])
        times = [start, *(start + gap for gap in gaps)]
        placed += zip(times, sequences, strict=True)
    return [sequence for _, sequence in sorted(placed, key=lambda pair: pair[0])]


def concurrent_groups(
    sequences: Iterable[ActionSequence], most: int
) -> Iterator[list[ActionSequence]]:
    """Yield the sequences in groups of up to `most`, with at most one sequence per key."""
    group: list[ActionSequence] = []
    for sequence in sequences:
        if len(group) == most or sequence.key in {other.key for other in group}:
            yield group
            group = []
        group.append(sequence)
    if group:
        yield group


def object_key(random: Random, number: int) -> str:
    """Return a unique key; some keys contain characters that URLs must escape."""
    folder = random.choice(("chaos", "été 2026", "a+b & c", "日本", "100%/?#"))
    return f"{folder}/{number:05}{random.choice(('.jpg', '.png', '', ' (1).JPG', '.tar.gz'))}"


def _sequences(random: Random, key: str, first: int, other: int) -> list[ActionSequence]:
    actions = [Action.CREATE, *map(Action, random.choice(_LATER_ACTIONS))]
    bursts: list[list[Action]] = []
    for action in actions:
        if bursts and random.random() < _IMMEDIATE:
            bursts[-1].append(action)
        else:
            bursts.append([action])
    return [ActionSequence(key, tuple(burst), (first, other)) for burst in bursts]
