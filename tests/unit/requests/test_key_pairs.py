"""The key pairs of a stack as text, and their rotation."""

import pytest

from imagemill.errors import SetupFailed
from imagemill.requests.key_pairs import (
    PAIR_BYTES,
    new_pair,
    pairs_from_json,
    pairs_to_json,
    rotated,
)


def test_a_new_pair_is_random() -> None:
    one, other = new_pair(), new_pair()

    assert len({one.key, one.salt, other.key, other.salt}) == 4
    assert len(one.key) == len(one.salt) == PAIR_BYTES


def test_a_rotation_keeps_the_present_pair_as_the_previous_one() -> None:
    first = rotated(())
    second = rotated(first)
    third = rotated(second)

    assert (len(first), len(second), len(third)) == (1, 2, 2)
    assert second[1] == first[0]
    assert third[1] == second[0]
    assert first[0] not in third


def test_pairs_are_read_as_they_were_written() -> None:
    pairs = rotated(rotated(()))

    assert pairs_from_json(pairs_to_json(pairs)) == pairs
    assert pairs_from_json(pairs_to_json(())) == ()


@pytest.mark.parametrize(
    "text", ["", "{", "1", '["a"]', '[{"key": "00"}]', '[{"key": 1, "salt": 2}]']
)
def test_malformed_text_is_refused(text: str) -> None:
    with pytest.raises(SetupFailed, match="malformed"):
        pairs_from_json(text)


def test_a_value_fits_into_an_entry_of_a_key_value_store() -> None:
    # Largest value of CloudFront, bytes; "Quotas on key value stores".
    assert len(pairs_to_json(rotated(rotated(())))) <= 1024
