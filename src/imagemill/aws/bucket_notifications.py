"""The notifications of an existing bucket: read, and changed without touching those of others."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import unquote_plus

from botocore.exceptions import BotoCoreError, ClientError

from imagemill.domain.adoption import NotificationChange, NotificationRule, Notifications
from imagemill.errors import SetupFailed

# Lists of a configuration, with the name of the destination in each entry.
_LISTS = {
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}
_OURS = "QueueConfigurations"
_EVENTBRIDGE = "EventBridgeConfiguration"
# The regions of buckets whose location constraint names none: the first of the USA and of Europe.
_FIRST_REGIONS = {"": "us-east-1", "EU": "eu-west-1"}


class NotificationClient(Protocol):
    """The part of an S3 client that reads and changes the settings of a bucket."""

    # boto3's names of the parameters.
    def get_bucket_notification_configuration(self, *, Bucket: str) -> Mapping[str, Any]:  # noqa: N803
        """Return the notifications of a bucket."""

    def put_bucket_notification_configuration(
        self,
        *,
        Bucket: str,  # noqa: N803
        NotificationConfiguration: Any,  # noqa: N803, ANN401
        SkipDestinationValidation: bool,  # noqa: N803
    ) -> object:
        """Replace all notifications of a bucket."""

    def get_bucket_versioning(self, *, Bucket: str) -> Mapping[str, Any]:  # noqa: N803
        """Return whether the bucket keeps versions."""

    def get_bucket_location(self, *, Bucket: str) -> Mapping[str, Any]:  # noqa: N803
        """Return the region of the bucket."""


class BucketNotifications:
    """Implements `operations.adopt_bucket.Bucket`."""

    def __init__(self, client: NotificationClient, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self) -> Notifications:
        """Return the present notifications; raises SetupFailed."""
        return _notifications(self._configuration())

    def change(self, change: NotificationChange, seen: Notifications) -> None:
        """Apply a change, and check that it has had this effect.

        S3 can only replace the whole configuration, so all other entries are sent back as they
        were. It does not validate the destinations: others would get a test message, and one of
        theirs that no longer exists would prevent the change. Raises SetupFailed if the entries are
        not those that were seen.
        """
        present = self._configuration()
        if not _are_equal(_notifications(present), seen):
            raise SetupFailed(f"the notifications of {self._bucket} changed meanwhile: try again")
        wanted = _changed(present, change)
        with self._explained():
            self._client.put_bucket_notification_configuration(
                Bucket=self._bucket,
                NotificationConfiguration=wanted,
                SkipDestinationValidation=True,
            )
        if not _are_equal(_notifications(self._configuration()), _notifications(wanted)):
            raise SetupFailed(f"the notifications of {self._bucket} are not as expected: read them")

    def has_versions(self) -> bool:
        """Return whether the bucket keeps versions now."""
        with self._explained():
            found = self._client.get_bucket_versioning(Bucket=self._bucket)
        return bool(found.get("Status") == "Enabled")

    def region(self) -> str:
        """Return the region of the bucket."""
        with self._explained():
            found = self._client.get_bucket_location(Bucket=self._bucket)
        return region_of(found.get("LocationConstraint"))

    def _configuration(self) -> dict[str, Any]:
        with self._explained():
            found = self._client.get_bucket_notification_configuration(Bucket=self._bucket)
        return {name: value for name, value in found.items() if name != "ResponseMetadata"}

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError) as fault:
            raise SetupFailed(f"the bucket {self._bucket}: {fault}") from fault


def region_of(location: str | None) -> str:
    """Return the region of a bucket by its location constraint."""
    return _FIRST_REGIONS.get(location or "", location or "")


def _notifications(configuration: Mapping[str, Any]) -> Notifications:
    rules = tuple(
        _rule(entry, destination)
        for name, destination in _LISTS.items()
        for entry in configuration.get(name, ())
    )
    return Notifications(rules, _EVENTBRIDGE in configuration)


def _are_equal(one: Notifications, two: Notifications) -> bool:
    """Return whether they differ at most in the order of the rules, which S3 may change."""
    return set(one.rules) == set(two.rules) and one.has_eventbridge == two.has_eventbridge


def _rule(entry: Mapping[str, Any], destination: str) -> NotificationRule:
    given: Sequence[Mapping[str, str]] = (
        entry.get("Filter", {}).get("Key", {}).get("FilterRules", ())
    )
    # S3 returns the names with a capital; the values are encoded as in a URL.
    parts = {rule["Name"].lower(): unquote_plus(rule["Value"]) for rule in given}
    return NotificationRule(
        id=entry.get("Id", ""),
        arn=entry[destination],
        events=tuple(sorted(entry["Events"])),
        prefix=parts.get("prefix", ""),
        suffix=parts.get("suffix", ""),
    )


def _changed(configuration: Mapping[str, Any], change: NotificationChange) -> dict[str, Any]:
    """Return the configuration after a change; entries of others are the same objects."""
    removed = {(rule.id, rule.arn) for rule in change.remove}
    kept = [
        one
        for one in configuration.get(_OURS, ())
        if (one.get("Id"), one["QueueArn"]) not in removed
    ]
    wanted = dict(configuration) | {_OURS: [*kept, *map(_entry, change.add)]}
    if not wanted[_OURS]:
        del wanted[_OURS]
    if change.eventbridge:
        wanted[_EVENTBRIDGE] = {}
    if change.eventbridge is False:
        wanted.pop(_EVENTBRIDGE, None)
    return wanted


def _entry(rule: NotificationRule) -> dict[str, Any]:
    parts = {"prefix": rule.prefix, "suffix": rule.suffix}
    filters = [{"Name": name, "Value": value} for name, value in parts.items() if value]
    entry: dict[str, Any] = {"Id": rule.id, "QueueArn": rule.arn, "Events": list(rule.events)}
    return entry | ({"Filter": {"Key": {"FilterRules": filters}}} if filters else {})
