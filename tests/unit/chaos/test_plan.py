"""The plan of a storm: chosen by its seed alone, and in an order that makes sense of every act."""

from itertools import chain
from random import Random

import pytest
from chaos.plan import Act, Deed, key_of, plan, side_by_side

KEYS = [f"{number}.jpg" for number in range(50)]


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311  # chance, not secrets


def planned(seed: int) -> list[Deed]:
    return plan(chance(seed), KEYS, 9)


def acts_on(key: str, deeds: list[Deed]) -> list[Act]:
    return list(chain.from_iterable(deed.acts for deed in deeds if deed.key == key))


def test_the_seed_alone_chooses_the_plan() -> None:
    assert planned(3) == planned(3)
    assert planned(3) != planned(4)


@pytest.mark.parametrize("key", KEYS)
def test_every_file_is_put_before_anything_else_happens_to_it(key: str) -> None:
    acts = acts_on(key, planned(3))

    assert acts[0] is Act.AFRESH
    assert acts.count(Act.AFRESH) == 1


def test_every_act_occurs() -> None:
    deeds = planned(3)

    assert {act for deed in deeds for act in deed.acts} == set(Act)


def test_a_group_never_holds_two_deeds_to_one_file_and_no_deed_is_left_out() -> None:
    deeds = planned(3)

    groups = list(side_by_side(deeds, 12))

    assert list(chain.from_iterable(groups)) == deeds
    assert max(map(len, groups)) <= 12
    assert all(len({deed.key for deed in group}) == len(group) for group in groups)


def test_no_two_files_share_a_key() -> None:
    random = chance(3)

    assert len({key_of(random, number) for number in range(1000)}) == 1000
