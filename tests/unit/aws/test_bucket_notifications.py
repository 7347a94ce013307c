"""The notifications of an existing bucket, changed without touching those of others."""

import copy
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from imagemill.aws.bucket_notifications import BucketNotifications
from imagemill.domain.adoption import EVENTS, NotificationChange, NotificationRule, Notifications
from imagemill.errors import SetupFailed

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:uploads"
OURS = NotificationRule("imagemill:mill:1", QUEUE, EVENTS, "in/", ".jpg")
# As S3 returns it: names with a capital, encoded values, and a part that we know nothing of.
THEIRS: dict[str, Any] = {
    "QueueConfigurations": [
        {
            "Id": "q",
            "QueueArn": "arn:aws:sqs:eu-west-1:1:q",
            "Events": ["s3:ObjectCreated:Put"],
            "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "my+logs%C3%BC/"}]}},
            "Future": {"kept": True},
        }
    ],
    "TopicConfigurations": [
        {"Id": "t", "TopicArn": "arn:t", "Events": ["s3:ObjectTagging:*"], "Filter": {"Key": {}}}
    ],
    "LambdaFunctionConfigurations": [
        {"LambdaFunctionArn": "arn:f", "Events": ["s3:ObjectRestore:*"]}
    ],
}


@dataclass
class FakeBucket:
    """The settings of a bucket; implements `aws.bucket_notifications.NotificationClient`."""

    configuration: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(THEIRS))
    versioning: dict[str, str] = field(default_factory=dict)
    location: str | None = None
    is_deaf: bool = False
    is_shuffling: bool = False
    refusal: ClientError | None = None

    def get_bucket_notification_configuration(self, *, Bucket: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == "photos"
        if self.refusal:
            raise self.refusal
        found = copy.deepcopy(self.configuration)
        if self.is_shuffling:
            rules = found["QueueConfigurations"]
            rules.reverse()
            rules[0]["Events"].reverse()
        return {"ResponseMetadata": {}, **found}

    def put_bucket_notification_configuration(
        self,
        *,
        Bucket: str,  # noqa: N803
        NotificationConfiguration: Any,  # noqa: N803, ANN401
        SkipDestinationValidation: bool,  # noqa: N803
    ) -> None:
        assert Bucket == "photos"
        assert SkipDestinationValidation, "others would get a test message"
        if not self.is_deaf:
            self.configuration = NotificationConfiguration

    def get_bucket_versioning(self, *, Bucket: str) -> dict[str, str]:  # noqa: ARG002, N803
        return self.versioning

    def get_bucket_location(self, *, Bucket: str) -> dict[str, str | None]:  # noqa: ARG002, N803
        return {"LocationConstraint": self.location}


def test_rules_of_all_kinds_are_read() -> None:
    found = BucketNotifications(FakeBucket(), "photos").read()

    assert found == Notifications(
        (
            NotificationRule(
                "q", "arn:aws:sqs:eu-west-1:1:q", ("s3:ObjectCreated:Put",), "my logsü/"
            ),
            NotificationRule("t", "arn:t", ("s3:ObjectTagging:*",)),
            NotificationRule("", "arn:f", ("s3:ObjectRestore:*",)),
        )
    )


@pytest.mark.parametrize("theirs", [{}, THEIRS, {"EventBridgeConfiguration": {}}])
def test_a_change_and_its_opposite_leave_everything_as_it_was(theirs: dict[str, Any]) -> None:
    client = FakeBucket(copy.deepcopy(theirs))
    bucket = BucketNotifications(client, "photos")

    bucket.change(NotificationChange(add=(OURS,), eventbridge=True), bucket.read())
    changed = client.configuration
    off = None if "EventBridgeConfiguration" in theirs else False
    bucket.change(NotificationChange(remove=(OURS,), eventbridge=off), bucket.read())

    assert changed["QueueConfigurations"][-1] == {
        "Id": OURS.id,
        "QueueArn": QUEUE,
        "Events": list(EVENTS),
        "Filter": {
            "Key": {
                "FilterRules": [
                    {"Name": "prefix", "Value": "in/"},
                    {"Name": "suffix", "Value": ".jpg"},
                ]
            }
        },
    }
    assert changed["EventBridgeConfiguration"] == {}
    assert client.configuration == theirs


def test_notifications_that_changed_meanwhile_are_not_overwritten() -> None:
    client = FakeBucket()
    bucket = BucketNotifications(client, "photos")

    with pytest.raises(SetupFailed, match="changed meanwhile"):
        bucket.change(NotificationChange(add=(OURS,)), Notifications())

    assert client.configuration == THEIRS


def test_a_change_without_effect_is_reported() -> None:
    bucket = BucketNotifications(FakeBucket(is_deaf=True), "photos")

    with pytest.raises(SetupFailed, match="not as expected"):
        bucket.change(NotificationChange(add=(OURS,)), bucket.read())


def test_s3_may_return_rules_and_events_in_another_order() -> None:
    client = FakeBucket(is_shuffling=True)
    bucket = BucketNotifications(client, "photos")

    bucket.change(NotificationChange(add=(OURS,)), bucket.read())

    assert OURS in bucket.read().rules


def test_a_rule_of_another_account_with_the_same_id_stays() -> None:
    theirs = {"Id": OURS.id, "QueueArn": "arn:of:others", "Events": ["s3:ObjectTagging:*"]}
    client = FakeBucket({"QueueConfigurations": [theirs]})
    bucket = BucketNotifications(client, "photos")

    bucket.change(NotificationChange(remove=(OURS,)), bucket.read())

    assert client.configuration == {"QueueConfigurations": [theirs]}


def test_a_refusal_names_the_bucket() -> None:
    refusal = ClientError({"Error": {"Code": "AccessDenied"}}, "GetBucketNotification")

    with pytest.raises(SetupFailed, match=r"photos.*AccessDenied"):
        BucketNotifications(FakeBucket(refusal=refusal), "photos").read()


@pytest.mark.parametrize(
    ("versioning", "has_versions"), [({}, False), ({"Status": "Suspended"}, False)]
)
def test_a_bucket_without_versions_is_recognised(
    versioning: dict[str, str], *, has_versions: bool
) -> None:
    client = FakeBucket(versioning=versioning)

    assert BucketNotifications(client, "photos").has_versions() == has_versions
    client.versioning = {"Status": "Enabled"}
    assert BucketNotifications(client, "photos").has_versions()


@pytest.mark.parametrize(
    ("location", "region"),
    [(None, "us-east-1"), ("EU", "eu-west-1"), ("eu-central-1", "eu-central-1")],
)
def test_old_buckets_have_no_location_or_that_of_europe(location: str | None, region: str) -> None:
    assert BucketNotifications(FakeBucket(location=location), "photos").region() == region
