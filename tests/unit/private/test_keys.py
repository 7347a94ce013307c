"""The keys of private images: slots, rotation, the text of the secret."""

from itertools import count

import pytest

from imagemill.errors import SetupFailed
from imagemill.private.keys import (
    StoredKey,
    keys_from_json,
    keys_to_json,
    parameters_of,
    rotated,
    secret_name,
)
from imagemill.private.rsa import new_key

NUMBERS = count()


def pem() -> tuple[str, str]:
    """Return texts in the form of keys, which are made faster than keys."""
    number = next(NUMBERS)
    head, foot = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"
    return f"private {number}", f"{head}\nAAAA{number}\nBBBB\n{foot}\n"


def test_each_rotation_uses_a_slot_that_is_empty_in_the_stack() -> None:
    keys: tuple[StoredKey, ...] = ()
    slots = []
    for _ in range(5):
        # The stack is deployed after each rotation.
        keys = rotated(keys, parameters_of(keys) if keys else {}, pem)
        slots.append([key.slot for key in keys])

    assert slots == [[1], [2, 1], [3, 2], [1, 3], [2, 1]]


def test_a_rotation_waits_for_the_deployment_of_the_one_before() -> None:
    first = rotated((), {}, pem)
    second = rotated(first, parameters_of(first), pem)

    with pytest.raises(SetupFailed, match="deploy the stack"):
        rotated(second, parameters_of(first), pem)


def test_a_rotation_waits_until_the_oldest_key_is_gone() -> None:
    first = rotated((), {}, pem)
    second = rotated(first, {}, pem)
    third = rotated(second, {}, pem)
    all_three = parameters_of((*third, *first))

    with pytest.raises(SetupFailed, match="deploy the stack"):
        rotated(third, all_three, pem)


def test_a_lost_secret_is_replaced_in_a_slot_that_is_empty_in_the_stack() -> None:
    [lost] = rotated((), {}, pem)

    [key] = rotated((), parameters_of([lost]), pem)

    assert (lost.slot, key.slot) == (1, 2)


def test_a_parameter_has_the_lines_of_the_key_between_dots() -> None:
    private, public = new_key()
    value = parameters_of([StoredKey(2, private, public)])["PublicKey2"]

    assert f"-----BEGIN PUBLIC KEY-----\n{value.replace('.', chr(10))}\n" in public
    assert "\n" not in value
    assert len(value) < 512


def test_keys_survive_the_secret() -> None:
    keys = (StoredKey(2, *pem()), StoredKey(1, *pem()))

    assert keys_from_json(keys_to_json(keys)) == keys


@pytest.mark.parametrize("text", ["", "{}x", "[1]", '[{"slot": 1}]', '[{"slot": "a"}]'])
def test_a_malformed_secret_is_named(text: str) -> None:
    with pytest.raises(SetupFailed, match="malformed"):
        keys_from_json(text)


def test_a_malformed_public_key_is_named() -> None:
    with pytest.raises(SetupFailed, match="malformed"):
        parameters_of([StoredKey(1, "a", "b")])


def test_the_secret_has_the_name_of_the_stack() -> None:
    assert secret_name("shop") == "shop/private-images"
