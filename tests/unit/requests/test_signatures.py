"""Signatures: the vectors of imgproxy's own test, tampering, truncation and rotation of keys."""

import pytest

from imagemill.requests.settings import KeyPair
from imagemill.requests.signatures import is_signed, signature_of, signed_text

PRESENT = KeyPair(b"test-key", b"test-salt")
PREVIOUS = KeyPair(b"test-key2", b"test-salt2")
# Signatures of "/asd" in imgproxy's security/signature_test.go.
BY_PRESENT = "oWaL7QoW5TsgbuiS9-5-DI8S3Ibbo1gdB2SteJh3a20"
BY_PREVIOUS = "jYz1UZ7j1BCdSzH3pZhaYf0iuz0vusoOTdqJsUT6WXI"
TRUNCATED = "oWaL7QoW5Ts"


@pytest.mark.parametrize(
    ("signature", "pairs", "length", "is_valid"),
    [
        (BY_PRESENT, [PRESENT], 32, True),
        (TRUNCATED, [PRESENT], 8, True),
        (TRUNCATED, [PRESENT], 32, False),
        (BY_PRESENT, [PRESENT], 8, False),
        (BY_PREVIOUS, [PRESENT, PREVIOUS], 32, True),
        (BY_PRESENT, [PRESENT, PREVIOUS], 32, True),
        ("dtLwhdnPPis", [PRESENT, PREVIOUS], 32, False),
        (BY_PREVIOUS, [PRESENT], 32, False),
        (BY_PRESENT, [], 32, False),
        (BY_PRESENT + "=", [PRESENT], 32, False),
        (BY_PRESENT.replace("-", "+"), [PRESENT], 32, False),
        ("", [PRESENT], 32, False),
    ],
)
def test_vectors_of_imgproxy(
    signature: str, pairs: list[KeyPair], length: int, *, is_valid: bool
) -> None:
    assert is_signed("/asd", signature, pairs, length) == is_valid


@pytest.mark.parametrize("position", range(len(BY_PRESENT) - 1))
def test_a_signature_with_one_changed_character_is_invalid(position: int) -> None:
    changed = "A" if BY_PRESENT[position] != "A" else "B"
    signature = BY_PRESENT[:position] + changed + BY_PRESENT[position + 1 :]

    assert not is_signed("/asd", signature, [PRESENT], 32)


def test_key_and_salt_are_both_needed() -> None:
    assert signature_of("/asd", KeyPair(b"test-key", b"")) != BY_PRESENT
    assert signature_of("/asd", KeyPair(b"", b"test-salt")) != BY_PRESENT


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({}, "/~/a.jpg"),
        ({"sig": "x"}, "/~/a.jpg"),
        ({"w": "640", "fit": "min", "sig": "x"}, "/~/a.jpg?fit=min&w=640"),
        ({"bg": "%23fff"}, "/~/a.jpg?bg=%23fff"),
    ],
)
def test_the_signed_text_has_all_other_parameters_in_order(
    parameters: dict[str, str], text: str
) -> None:
    assert signed_text("/~/a.jpg", parameters) == text
