"""SnapStart on the embedded AWS: which version of the function receives the events."""

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
def deployment(stack: Stack, session: boto3.Session) -> Iterator["Deployment"]:
    """Return a second stack that tests may deploy, and delete it at the end."""
    deployment = Deployment(stack, session)
    yield deployment
    deployment.client("cloudformation").delete_stack(StackName=NAME)


class Deployment:
    """A second stack on the embedded AWS of the shared one."""

    def __init__(self, other: Stack, session: boto3.Session) -> None:
        self._other = other
        self._session = session
        self._endpoint = other.address.endpoint

    def client(self, service: Any) -> Any:  # noqa: ANN401  # the type depends on the service
        return self._session.client(service, endpoint_url=self._endpoint)

    def deploy(self, **parameters: str) -> Stack:
        """Deploy with these parameters and return the stack."""
        outputs = deploy(
            self._session, self._endpoint, NAME, template_path(), SETTINGS | parameters
        )
        self._repeat_event_target()
        address = replace(
            self._other.address,
            stack=NAME,
            originals_bucket=outputs["OriginalsBucketName"],
            processed_bucket=outputs["ProcessedBucketName"],
            table=outputs["TableName"],
        )
        records = type(self._other.records)(self.client("dynamodb"), address.table)
        return replace(self._other, address=address, records=records)

    def event_target(self) -> dict[str, Any]:
        """Return the configuration of the version that receives the events, and its alias."""
        found = self._of("ResizeImageFunctionUploads")
        mapping = self.client("lambda").get_event_source_mapping(UUID=found)
        arn = mapping["FunctionArn"]
        configuration = self.client("lambda").get_function_configuration(FunctionName=arn)
        return {**configuration, "address": arn.rpartition(":")[2]}

    def versions(self) -> list[str]:
        """Return the published versions of the function."""
        name = self._of("ResizeImageFunction")
        found = self.client("lambda").list_versions_by_function(FunctionName=name)["Versions"]
        return [one["Version"] for one in found if one["Version"] != "$LATEST"]

    def aliases(self) -> list[str]:
        """Return the names of the function's aliases."""
        name = self._of("ResizeImageFunction")
        found = self.client("lambda").list_aliases(FunctionName=name)["Aliases"]
        return [one["Name"] for one in found]

    def _repeat_event_target(self) -> None:
        """Set the target by a call; the embedded AWS applies it only in part from the template."""
        functions, uuid = self.client("lambda"), self._of("ResizeImageFunctionUploads")
        arn = functions.get_event_source_mapping(UUID=uuid)["FunctionArn"]
        functions.update_event_source_mapping(UUID=uuid, FunctionName=arn)

    def _of(self, logical: str) -> str:
        client = self.client("cloudformation")
        found = client.describe_stack_resource(StackName=NAME, LogicalResourceId=logical)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])


def test_every_change_reaches_the_version_that_receives_events(deployment: Deployment) -> None:
    stack = deployment.deploy(SnapStart="true", Recipe="first=40")
    stack.put("one.jpg", jpeg(80, 60))
    one = stack.wait_until_final("one.jpg")
    first = deployment.event_target()

    deployment.deploy(SnapStart="true", Recipe="second=20", MemorySize="1024")

    stack.put("two.jpg", jpeg(80, 60))
    second = deployment.event_target()
    assert set(one.renditions) == {"first"}
    assert set(stack.wait_until_final("two.jpg").renditions) == {"second"}
    assert (first["address"], second["address"]) == ("live", "live")
    assert int(second["Version"]) == int(first["Version"]) + 1
    assert deployment.versions() == [second["Version"]]
    assert second["MemorySize"] == 1024
    assert second["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}


def test_without_snapstart_the_function_has_no_version_and_receives_events_itself(
    deployment: Deployment,
) -> None:
    deployment.deploy(SnapStart="true", Recipe="third=30")

    stack = deployment.deploy(SnapStart="false", Recipe="third=30")

    stack.put("three.jpg", jpeg(80, 60))
    assert set(stack.wait_until_final("three.jpg").renditions) == {"third"}
    assert deployment.event_target()["Version"] == "$LATEST"
    assert (deployment.versions(), deployment.aliases()) == ([], [])
