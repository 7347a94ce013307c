"""The resources of webhooks: only with a URL, and only for events of this stack."""

from typing import Any

import pytest
from fakes.cloudformation import DEFAULTS, resources

URL = "https://app.example.com/hook"


def webhooks(**parameters: str) -> dict[str, Any]:
    """Return the properties of the resources that a URL adds to the stack."""
    made = resources(WebhookUrl=URL, **parameters)
    without = resources(**parameters)
    return {name: one["Properties"] for name, one in made.items() if name not in without}


def test_without_a_url_or_a_bus_there_is_no_webhook() -> None:
    assert DEFAULTS["WebhookUrl"] == ""
    assert not [name for name in resources() if "Webhook" in name]
    assert webhooks(EventBus="") == {}


def test_a_url_adds_resources_and_changes_no_other() -> None:
    without, made = resources(), resources(WebhookUrl=URL)

    assert {name: one for name, one in made.items() if name in without} == without
    assert {name for name in made if name not in without} == {
        "WebhookDeadLettersAlarm",
        "WebhookDeadLetterQueue",
        "WebhookDeadLetterQueuePolicy",
        "WebhookEvents",
        "WebhookFunction",
        "WebhookLogs",
        "WebhookQueue",
        "WebhookQueuePolicy",
        "WebhookRole",
        "WebhookRule",
        "WebhookSecret",
    }


def test_without_monitoring_there_is_no_alarm() -> None:
    assert "WebhookDeadLettersAlarm" not in webhooks(Watch="false")


def test_the_rule_selects_the_events_of_this_stack_on_its_bus() -> None:
    rule = webhooks(EventBus="mine", OriginalsBucketName="photos")["WebhookRule"]

    assert rule["EventBusName"] == "mine"
    assert rule["EventPattern"] == {
        "source": ["imagemill"],
        "detail": {
            "originals_bucket": ["photos"],
            "processed_bucket": [{"Ref": "ProcessedBucket"}],
        },
    }
    [target] = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["WebhookQueue", "Arn"]}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["WebhookDeadLetterQueue", "Arn"]}}


@pytest.mark.parametrize("queue", ["WebhookQueue", "WebhookDeadLetterQueue"])
def test_only_this_rule_may_send_to_its_queues(queue: str) -> None:
    statements = webhooks()[f"{queue}Policy"]["PolicyDocument"]["Statement"]

    [allowed] = [one for one in statements if one["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert allowed["Resource"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert allowed["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["WebhookRule", "Arn"]}}
    }


def test_a_message_is_hidden_for_six_times_the_time_of_the_function() -> None:
    made = webhooks()

    timeout = made["WebhookFunction"]["Timeout"]
    assert made["WebhookQueue"]["VisibilityTimeout"] == 6 * timeout


def test_your_key_encrypts_queues_secret_and_log() -> None:
    key = "arn:aws:kms:eu-central-1:123456789012:key/1"
    made = webhooks(KmsKeyArn=key)

    for queue in ("WebhookQueue", "WebhookDeadLetterQueue"):
        assert made[queue]["KmsMasterKeyId"] == key
    assert (made["WebhookSecret"]["KmsKeyId"], made["WebhookLogs"]["KmsKeyId"]) == (key, key)
