"""The secrets of the webhooks: the present one and the one before."""

import pytest

from imagemill.errors import SetupFailed
from imagemill.webhooks.rotation import WebhookSecrets, secrets_from_json, secrets_to_json


def test_a_rotation_keeps_the_present_secret_for_one_more() -> None:
    first = WebhookSecrets("first").rotated()
    second = first.rotated()

    assert first.valid == (first.present, "first")
    assert second.valid == (second.present, first.present)
    assert len({"first", first.present, second.present}) == 3
    assert len(second.present) == 43


def test_the_text_of_the_secret_is_read_back() -> None:
    secrets = WebhookSecrets("a", "b")

    assert secrets_from_json(secrets_to_json(secrets)) == secrets


def test_the_secret_that_cloudformation_makes_is_the_only_one() -> None:
    assert secrets_from_json('{"present": "a"}').valid == ("a",)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "7", "{}", '{"present": ""}', '{"present": 7}', '{"present":"a","previous":7}'],
)
def test_a_malformed_secret_is_an_error(text: str) -> None:
    with pytest.raises(SetupFailed, match="malformed"):
        secrets_from_json(text)
