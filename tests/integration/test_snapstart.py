"""SnapStart on the embedded AWS: what is deployed is what takes the events, and off is off."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from fakes.images import jpeg
from live.stack import Stack

from imagemill.local.deploy import deploy
from imagemill.local.template import template_path

NAME = "snap"
SETTINGS = {"RequireTls": "false", "RetrySeconds": "5", "Watch": "false", "Gallery": "false"}


@pytest.fixture(scope="module")
def account(stack: Stack, session: boto3.Session) -> Iterator["Account"]:
    """Return where a stack may be deployed next to the one that all tests share, and remove it."""
    account = Account(stack, session)
    yield account
    account.client("cloudformation").delete_stack(StackName=NAME)


class Account:
    """The embedded AWS, with a stack of our own on it."""

    def __init__(self, other: Stack, session: boto3.Session) -> None:
        self._other = other
        self._session = session
        self._endpoint = other.address.endpoint

    def client(self, service: Any) -> Any:  # noqa: ANN401  # of whatever service
        return self._session.client(service, endpoint_url=self._endpoint)

    def deployed(self, **parameters: str) -> Stack:
        """Deploy with these parameters, and return the stack as it is then."""
        outputs = deploy(
            self._session, self._endpoint, NAME, template_path(), SETTINGS | parameters
        )
        self._say_again_where_events_go()
        address = replace(
            self._other.address,
            stack=NAME,
            originals_bucket=outputs["OriginalsBucketName"],
            processed_bucket=outputs["ProcessedBucketName"],
            table=outputs["TableName"],
        )
        records = type(self._other.records)(self.client("dynamodb"), address.table)
        return replace(self._other, address=address, records=records)

    def taking_events(self) -> dict[str, Any]:
        """Return the configuration of what the queue's events go to, and its address."""
        found = self._of("ResizeImageFunctionUploads")
        mapping = self.client("lambda").get_event_source_mapping(UUID=found)
        arn = mapping["FunctionArn"]
        configuration = self.client("lambda").get_function_configuration(FunctionName=arn)
        return {**configuration, "address": arn.rpartition(":")[2]}

    def versions(self) -> list[str]:
        """Return the versions that there are of the function, besides what it is now."""
        name = self._of("ResizeImageFunction")
        found = self.client("lambda").list_versions_by_function(FunctionName=name)["Versions"]
        return [one["Version"] for one in found if one["Version"] != "$LATEST"]

    def aliases(self) -> list[str]:
        """Return the names of the function's aliases."""
        name = self._of("ResizeImageFunction")
        found = self.client("lambda").list_aliases(FunctionName=name)["Aliases"]
        return [one["Name"] for one in found]

    def _say_again_where_events_go(self) -> None:
        """Tell the embedded AWS by a call what CloudFormation told it, and it half forgets."""
        functions, uuid = self.client("lambda"), self._of("ResizeImageFunctionUploads")
        arn = functions.get_event_source_mapping(UUID=uuid)["FunctionArn"]
        functions.update_event_source_mapping(UUID=uuid, FunctionName=arn)

    def _of(self, logical: str) -> str:
        client = self.client("cloudformation")
        found = client.describe_stack_resource(StackName=NAME, LogicalResourceId=logical)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])


def test_whatever_is_changed_reaches_the_version_that_takes_events(account: Account) -> None:
    stack = account.deployed(SnapStart="true", Recipe="first=40")
    stack.put("one.jpg", jpeg(80, 60))
    one = stack.wait_until_final("one.jpg")
    first = account.taking_events()

    account.deployed(SnapStart="true", Recipe="second=20", MemorySize="1024")

    stack.put("two.jpg", jpeg(80, 60))
    second = account.taking_events()
    assert set(one.renditions) == {"first"}
    assert set(stack.wait_until_final("two.jpg").renditions) == {"second"}
    assert (first["address"], second["address"]) == ("live", "live")
    assert int(second["Version"]) == int(first["Version"]) + 1
    assert account.versions() == [second["Version"]]
    assert second["MemorySize"] == 1024
    assert second["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}


def test_what_is_deployed_without_it_has_no_version_and_takes_events_itself(
    account: Account,
) -> None:
    account.deployed(SnapStart="true", Recipe="third=30")

    stack = account.deployed(SnapStart="false", Recipe="third=30")

    stack.put("three.jpg", jpeg(80, 60))
    assert set(stack.wait_until_final("three.jpg").renditions) == {"third"}
    assert account.taking_events()["Version"] == "$LATEST"
    assert (account.versions(), account.aliases()) == ([], [])
