"""The plan of user actions depends on its seed alone, and its order is valid for every key."""

from itertools import chain
from random import Random

import pytest
from chaos.user_actions import Action, ActionSequence, concurrent_groups, object_key, plan_actions

KEYS = [f"{number}.jpg" for number in range(50)]


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311  # not a secret


def planned(seed: int) -> list[ActionSequence]:
    return plan_actions(chance(seed), KEYS, 9)


def actions_on(key: str, sequences: list[ActionSequence]) -> list[Action]:
    return list(
        chain.from_iterable(sequence.actions for sequence in sequences if sequence.key == key)
    )


def test_the_seed_alone_chooses_the_plan() -> None:
    assert planned(3) == planned(3)
    assert planned(3) != planned(4)


@pytest.mark.parametrize("key", KEYS)
def test_every_file_is_put_before_anything_else_happens_to_it(key: str) -> None:
    actions = actions_on(key, planned(3))

    assert actions[0] is Action.CREATE
    assert actions.count(Action.CREATE) == 1


def test_every_action_occurs() -> None:
    sequences = planned(3)

    assert {action for sequence in sequences for action in sequence.actions} == set(Action)


def test_groups_hold_every_sequence_once_and_at_most_one_per_key() -> None:
    sequences = planned(3)

    groups = list(concurrent_groups(sequences, 12))

    assert list(chain.from_iterable(groups)) == sequences
    assert max(map(len, groups)) <= 12
    assert all(len({sequence.key for sequence in group}) == len(group) for group in groups)


def test_keys_are_unique() -> None:
    random = chance(3)

    assert len({object_key(random, number) for number in range(1000)}) == 1000
