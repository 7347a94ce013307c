"""The renditions and variants of an image show the focal point that it was given last.

A caller and a worker, or two workers after a change, interrupt each other at every call, with and
without a crash. RACES=all tests every history; by default a few are tested.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, product
from types import ModuleType
from typing import Any

import pytest

from imagemill.api.focus import change_focus
from imagemill.api.look import LookDeps, LookQueue
from imagemill.domain.caller import Caller
from imagemill.domain.event import Focus
from imagemill.domain.record import ImageRecord
from imagemill.pipeline import decide_event, decide_look
from imagemill.recipe_rules import RecipeRules
from search.part import part
from search.races import every_crash, every_overtaking
from search.world import ALL, CROPPED, ORIGINALS, Guards, Worker, World

KEY = "a.jpg"
ONE, TWO = b"good one", b"good two"
LEFT, RIGHT = Focus(0, 0.5), Focus(1, 0.5)
# Changes the stack, and returns how to start the worker, caller or visitor of the change.
Act = Callable[[World], Callable[[], Worker]]


def first_argument(first: object, _: object) -> object:
    return first


def sequencer_of(record: ImageRecord) -> str:
    return record.sequencer


def by_message(change: Callable[[World], object]) -> Act:
    """Return an act that ends with a new message, which a worker gets."""

    def act(world: World) -> Callable[[], Worker]:
        change(world)
        return partial(world.start, world.queue[-1])

    return act


def asking(focus: Focus | None) -> Act:
    """Return an act that is a caller."""
    return lambda world: partial(world.ask, KEY, focus)


def deploy(world: World) -> None:
    world.change_recipe("p=20x20:cover, q=20")
    world.look(KEY, listed=False)


ACTS: dict[str, Act] = {
    "put": by_message(lambda world: world.put(KEY, ONE)),
    "put with a point": by_message(lambda world: world.put(KEY, ONE, focus="0.25,1")),
    "put another": by_message(lambda world: world.put(KEY, TWO)),
    "put no image": by_message(lambda world: world.put(KEY, b"bad")),
    "hide": by_message(lambda world: world.hide(KEY)),
    "look": by_message(lambda world: world.look(KEY, listed=False)),
    "deploy": by_message(deploy),
    "put without event": by_message(lambda world: without_event(world, ONE)),
    "ask": asking(LEFT),
    "ask another": asking(RIGHT),
    "ask for none": asking(None),
    "visit": lambda world: partial(world.visit, KEY, CROPPED),
    # The message of a caller that has ended.
    "apply": by_message(lambda _: None),
}
HISTORIES: dict[str, list[str]] = {
    "of an image": ["put", "visit"],
    "of an image with a point": ["put with a point", "visit"],
    "of a changed image": ["put", "ask", "visit"],
}
# The history before both, the first and the second that race. "ask, apply" races with a worker of
# the change.
RACES = [
    *product(HISTORIES, ["ask another"], [name for name in ACTS if name != "apply"]),
    *product(HISTORIES, ["ask another, apply"], [name for name in ACTS if name != "apply"]),
    *product(["of a changed image"], ["put"], ["put", "look", "deploy", "visit"]),
    *product(["of a changed image"], ["ask for none, apply"], ["put", "put with a point"]),
]
TESTED = part(RACES, 29)


def without_event(world: World, data: bytes) -> None:
    world.put(KEY, data, has_event=False)
    world.look(KEY, listed=False)


def focusing(guards: Guards | None = None) -> World:
    """Return a stack whose only preset shows the focal point."""
    recipes = RecipeRules.parse("p=10x10:cover")
    return World(on_request=True, recipes=recipes, guards=guards or Guards())


def start(race: tuple[str, str, str], *, first: int, make: Callable[[], World]) -> Any:  # noqa: ANN401  # as Start
    """Start both that race, after the history."""
    world = make()
    history, one, other = race
    for act in HISTORIES[history]:
        ACTS[act](world)()
        world.settle()
    *before, last = one.split(", ")
    for act in before:
        world.go_on_with(ACTS[act](world)(), ALL)
    begin = [ACTS[last](world), ACTS[other](world)]
    racers = [begin_one() for begin_one in begin]
    return world, racers[first], racers[1 - first]


def ends(race: tuple[str, str, str], make: Callable[[], World] = focusing) -> Iterator[World]:
    """Yield the end of every race in which one interrupts the other, who may be killed then."""
    found = (
        search(partial(start, race, first=first, make=make))
        for search, first in product([every_overtaking, every_crash], [0, 1])
    )
    return (one.world for one in chain.from_iterable(found))


def place(asked: tuple[str, str, Focus | None]) -> str:
    return asked[1]


def complaints(world: World) -> list[str]:
    """Return the complaints, and a point that neither the file has nor a caller has set last."""
    wrong, record = world.complaints(), world.record(KEY)
    if record is None or record.status != "ready":
        return wrong
    asked = [focus for etag, _, focus in sorted(world.asked, key=place) if etag == record.etag]
    versions = world.s3.objects[ORIGINALS, KEY]
    *former, own = (Focus.parse(version.metadata.get("focus", "")) for version in versions)
    # The same bytes keep the point of a former version.
    possible = {own, *(asked[-1:] or former), *world.unsure}
    if record.wanted_focus not in possible:
        wrong.append(f"{record.wanted_focus} is none of {possible}")
    return wrong


@pytest.mark.parametrize("race", TESTED, ids=", ".join)
def test_however_a_change_races_the_last_point_is_shown(race: tuple[str, str, str]) -> None:
    assert [found for world in ends(race) if (found := complaints(world))][:1] == []


def only_afterwards(image: str, focus: Focus | None, deps: LookDeps, caller: Caller) -> ImageRecord:
    """Change the point without the message before the record."""
    return change_focus(image, focus, replace(deps, queue=AtOnce(deps.queue)), caller)


@dataclass(frozen=True)
class AtOnce:
    """A queue that gets no delayed message."""

    queue: LookQueue

    def send_later(self, message: str, delay_s: int) -> None:
        if not delay_s:
            self.queue.send_later(message, delay_s)


def test_without_the_message_before_the_record_a_change_is_lost() -> None:
    make = partial(focusing, Guards(change_focus=only_afterwards))

    assert any(went_wrong(("of an image", "look", "ask another"), make))


@pytest.mark.parametrize(
    ("module", "name", "weak", "race"),
    [
        (decide_event, "kept_at", first_argument, ("of a changed image", "ask another", "put")),
        (decide_look, "newest_place", sequencer_of, ("of a changed image", "ask another", "look")),
        (decide_event, "at_record", first_argument, ("of a changed image", "look", "put")),
    ],
    ids=["no place of its own", "a place before the change", "no second cleaning up"],
)
def test_without_a_place_of_its_own_a_point_is_mixed_with_another(
    module: ModuleType,
    name: str,
    weak: Callable[..., object],
    race: tuple[str, str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, name, weak)

    assert any(went_wrong(race, focusing))


def went_wrong(race: tuple[str, str, str], make: Callable[[], World]) -> Iterator[bool]:
    """Yield for each end whether there is a violation; a history without an end is one, too."""
    try:
        for world in ends(race, make):
            yield bool(complaints(world))
    except AssertionError:
        yield True
