"""The settings of WebhookFunction."""

import pytest

from imagemill.errors import ConfigurationInvalid
from imagemill.webhooks.settings import WebhookSettings

ENVIRON = {
    "IMAGEMILL_WEBHOOK_URL": "https://app.example.com",
    "IMAGEMILL_WEBHOOK_SECRET": "arn",
    "IMAGEMILL_WEBHOOK_QUEUE_URL": "https://sqs",
}


def test_encryption_is_required_unless_it_is_turned_off() -> None:
    assert WebhookSettings.read(ENVIRON).require_tls
    assert WebhookSettings.read(ENVIRON | {"IMAGEMILL_REQUIRE_TLS": "True"}).require_tls
    assert not WebhookSettings.read(ENVIRON | {"IMAGEMILL_REQUIRE_TLS": "false"}).require_tls


def test_all_missing_settings_are_named() -> None:
    with pytest.raises(ConfigurationInvalid, match=r"_URL, .*_SECRET, .*_QUEUE_URL"):
        WebhookSettings.read({})
