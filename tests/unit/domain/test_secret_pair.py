"""A secret and the one before it."""

import pytest

from imagemill.domain.secret_pair import SecretPair, pair_from_json, pair_to_json
from imagemill.errors import SetupFailed


def test_a_rotation_keeps_the_present_secret_for_one_more() -> None:
    first = SecretPair("first").rotated()
    second = first.rotated()

    assert first.valid == (first.present, "first")
    assert second.valid == (second.present, first.present)
    assert len({"first", first.present, second.present}) == 3
    assert len(second.present) == 43


def test_the_text_of_the_secret_is_read_back() -> None:
    secrets = SecretPair("a", "b")

    assert pair_from_json(pair_to_json(secrets)) == secrets


def test_the_secret_that_cloudformation_makes_is_the_only_one() -> None:
    assert pair_from_json('{"present": "a"}').valid == ("a",)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "7", "{}", '{"present": ""}', '{"present": 7}', '{"present":"a","previous":7}'],
)
def test_a_malformed_secret_is_an_error(text: str) -> None:
    with pytest.raises(SetupFailed, match="malformed"):
        pair_from_json(text)
