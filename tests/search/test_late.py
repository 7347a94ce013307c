"""Delayed requests, messages delivered twice, and deployments while workers run.

RACES=all tests every history; by default a part is tested.
"""

from collections.abc import Iterator
from functools import partial
from itertools import product

import pytest

from imagemill.recipe_rules import RecipeRules
from search.late import TWO_PRESETS, delivered_twice, deployed, stalled
from search.part import part
from search.world import World

# The worker of the last act is delayed or overtaken.
BEGINNINGS = [
    ["put"],
    ["put no image"],
    ["put", "put another"],
    ["put", "hide"],
    ["put", "put"],
    ["put", "hide", "put"],
    ["put", "deploy another", "look"],
]
ENDS = [
    [],
    ["put"],
    ["hide"],
    ["put another"],
    ["put no image"],
    ["erase"],
    ["hide", "put"],
    ["put another", "put"],
    ["hide", "put", "hide"],
    ["put another", "hide"],
]
HISTORIES = part(list(product(BEGINNINGS, ENDS)), 3)


def two_presets() -> World:
    return World(recipes=RecipeRules.parse(TWO_PRESETS))


@pytest.mark.parametrize(("first", "then"), HISTORIES)
def test_a_write_that_is_applied_late_changes_nothing(first: list[str], then: list[str]) -> None:
    assert list(complaints(stalled(first, then, two_presets)))[:1] == []


@pytest.mark.parametrize(("first", "then"), HISTORIES)
def test_the_slower_worker_of_a_message_leaves_no_renditions(
    first: list[str], then: list[str]
) -> None:
    assert list(complaints(delivered_twice(first, then, two_presets)))[:1] == []


@pytest.mark.parametrize("first", [["put"], ["put", "put another"], ["put", "hide", "put"]])
@pytest.mark.parametrize("recipe", ["p=10", "q=20", "p=11, q=20", "r=30"])
def test_a_worker_of_the_former_deployment_leaves_no_renditions(
    first: list[str], recipe: str
) -> None:
    assert list(complaints(deployed(first, recipe, two_presets)))[:1] == []


def test_a_worker_of_former_rules_leaves_no_renditions_of_presets_that_others_use() -> None:
    def by_prefix() -> World:
        return World(recipes=RecipeRules.parse("a -> p=10, q=20; * -> r=30"))

    histories = deployed(["put"], "a -> r=30; * -> p=10, q=20", by_prefix)

    assert list(complaints(histories))[:1] == []


@pytest.mark.parametrize("first", [["put", "put another"], ["put", "put another", "put"]])
def test_no_ready_record_lists_renditions_of_two_versions(first: list[str]) -> None:
    make = partial(World, recipes=RecipeRules.parse(TWO_PRESETS), unlike=True)

    assert [world.halves for world in stalled(first, [], make) if world.halves][:1] == []


def test_an_event_older_than_an_expired_tombstone_revives_nothing() -> None:
    world = World()
    world.put("a.jpg", b"good one")
    late = world.queue.pop()
    world.hide("a.jpg")
    world.settle()
    world.wait(31)

    world.queue.append(late)
    world.settle()

    assert (world.complaints(), world.renditions()) == ([], {})


def complaints(ends: Iterator[World]) -> Iterator[list[str]]:
    """Yield the differences of each end from the newest event, if there are any."""
    for world in ends:
        if found := world.complaints():
            yield found
