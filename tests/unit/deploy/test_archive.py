"""The resources of archived originals: only with the parameter, and only for this stack."""

from typing import Any

import pytest
from fakes.cloudformation import DEFAULTS, resources


def archive(**parameters: str) -> dict[str, Any]:
    """Return the properties of the resources that the parameter adds to the stack."""
    made, without = resources(**{"ArchiveOriginals": "true"} | parameters), resources()
    return {name: one["Properties"] for name, one in made.items() if name not in without}


def statements(made: dict[str, Any], resource: str) -> dict[str, Any]:
    [policy] = made[resource]["Properties"]["Policies"]
    found = policy["PolicyDocument"]["Statement"]
    return {one["Sid"]: one for one in found if "Sid" in one}


def test_by_default_nothing_is_archived() -> None:
    assert DEFAULTS["ArchiveOriginals"] == "false"
    assert not [name for name in resources() if name.startswith("Archive")]


def test_the_parameter_adds_a_function_behind_a_queue() -> None:
    assert archive().keys() == {
        "ArchiveDeadLetterQueue",
        "ArchiveDeadLetterQueuePolicy",
        "ArchiveDeadLettersAlarm",
        "ArchiveEvents",
        "ArchiveFunction",
        "ArchiveLogs",
        "ArchiveQueue",
        "ArchiveQueuePolicy",
        "ArchiveRole",
        "ArchiveRule",
        "ArchiveSecret",
    }


def test_without_monitoring_there_is_no_alarm() -> None:
    assert "ArchiveDeadLettersAlarm" not in archive(Watch="false")


@pytest.mark.parametrize(("value", "state"), [("true", "ENABLED"), ("read", "DISABLED")])
def test_read_keeps_the_function_and_archives_no_more(value: str, state: str) -> None:
    assert archive(ArchiveOriginals=value)["ArchiveRule"]["State"] == state


def test_the_rule_selects_jpegs_and_deletions_of_this_stack_on_its_bus() -> None:
    rule = archive(EventBus="mine")["ArchiveRule"]

    assert rule["EventBusName"] == "mine"
    assert rule["EventPattern"] == {
        "source": ["imagemill"],
        "detail-type": ["Image ready", "Image deleted"],
        "detail": {
            "originals_bucket": [{"Ref": "OriginalsBucket"}],
            "processed_bucket": [{"Ref": "ProcessedBucket"}],
            "image": {"original": {"format": ["jpeg", {"exists": False}]}},
        },
    }


@pytest.mark.parametrize("queue", ["ArchiveQueue", "ArchiveDeadLetterQueue"])
def test_only_this_rule_may_send_to_its_queues(queue: str) -> None:
    found = archive()[f"{queue}Policy"]["PolicyDocument"]["Statement"]

    [allowed] = [one for one in found if one["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert allowed["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["ArchiveRule", "Arn"]}}
    }


def test_a_message_is_hidden_for_six_times_the_time_of_the_function() -> None:
    made = archive()

    assert made["ArchiveQueue"]["VisibilityTimeout"] == 6 * made["ArchiveFunction"]["Timeout"]


def test_only_the_api_calls_the_function_and_reads_unpacked_originals() -> None:
    made = resources(ArchiveOriginals="true")

    callers = [name for name in made if "lambda:InvokeFunction" in str(made[name])]
    policy = made["ProcessedBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    [hidden] = [one for one in policy if one["Sid"] == "HideUnpackedOriginals"]
    readers = str(hidden["Condition"]["StringNotLike"]["aws:PrincipalArn"])
    assert "ApiImageUploadRole" in callers
    assert "ResizeImageRole" not in callers
    assert "ApiImageUploadRole" in readers
    assert "TransformRole" not in readers


def test_unpacked_originals_are_deleted_after_a_day() -> None:
    bucket = resources(ArchiveOriginals="true")["ProcessedBucket"]["Properties"]

    rules = bucket["LifecycleConfiguration"]["Rules"]

    assert {"Id": "delete-unpacked-originals", "Status": "Enabled", "Prefix": "~o/"} | {
        "ExpirationInDays": 1
    } in rules
    assert "~o/" not in str(resources()["ProcessedBucket"])


def test_no_other_function_may_write_originals() -> None:
    made = resources(ArchiveOriginals="true")

    assert "s3:PutObject" in statements(made, "ArchiveRole")["ReplaceOriginals"]["Action"]
    assert statements(made, "ResizeImageRole")["ReadOriginals"]["Action"] == [
        "s3:GetObject",
        "s3:GetObjectVersion",
    ]


def test_the_gallery_shows_originals_at_the_addresses_of_the_api() -> None:
    def images(**parameters: str) -> str:
        headers = resources(**parameters)["PageHeaders"]["Properties"]
        config = headers["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        _, parts = config["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
        return str(parts["ArchiveSources"])

    assert images() == ""
    assert images(ArchiveOriginals="true").count("execute-api") == 1
    assert images(ArchiveOriginals="true", Shares="true").count("execute-api") == 2
