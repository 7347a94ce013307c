"""CloudFormation, and the bucket of the code that it deploys."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from imagemill.aws.stack_outputs import stack_outputs
from imagemill.domain.stack_change import (
    ChangeSet,
    ResourceChange,
    StackEvent,
    StackRequest,
    StackState,
)
from imagemill.domain.stack_import import Import, KeptResource
from imagemill.errors import SetupFailed

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import (
        ChangeTypeDef,
        CreateChangeSetInputTypeDef,
        DescribeChangeSetOutputTypeDef,
        ParameterTypeDef,
        ResourceToImportTypeDef,
        WaiterConfigTypeDef,
    )
    from mypy_boto3_s3.client import S3Client

# CloudFormation reports a change set without changes only by these words.
_UNCHANGED = ("didn't contain changes", "No updates are to be performed")
# One second between requests, ten minutes at most; a change set of a new stack takes seconds.
_WAIT: "WaiterConfigTypeDef" = {"Delay": 1, "MaxAttempts": 600}
CODE_STACK = "imagemill-code"
CODE_TEMPLATE = json.dumps(
    {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The code of imagemill's functions, for CloudFormation.",
        "Resources": {
            "CodeBucket": {
                "Type": "AWS::S3::Bucket",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {
                    "PublicAccessBlockConfiguration": {
                        "BlockPublicAcls": True,
                        "BlockPublicPolicy": True,
                        "IgnorePublicAcls": True,
                        "RestrictPublicBuckets": True,
                    },
                    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
                },
            }
        },
        "Outputs": {"Bucket": {"Value": {"Ref": "CodeBucket"}}},
    }
)


class CloudFormationStacks:
    """Implements `operations.deploy_stack.Stacks`."""

    def __init__(self, client: "CloudFormationClient") -> None:
        self._client = client

    def state(self, stack: str) -> StackState | None:
        """Return the state of a stack, by name or id; None if there is none."""
        try:
            found = self._client.describe_stacks(StackName=stack)["Stacks"][0]
        except ClientError as fault:
            # CloudFormation has this code for a missing stack and for a name that none can have.
            if fault.response["Error"].get("Code") == "ValidationError":
                return None
            raise _failed(fault) from fault
        except BotoCoreError as fault:
            raise _failed(fault) from fault
        parameters = found.get("Parameters", [])
        values = {one["ParameterKey"]: one.get("ParameterValue", "") for one in parameters}
        return StackState(found["StackStatus"], values)

    def propose(self, request: StackRequest, before: StackState | None) -> ChangeSet | None:
        """Make a change set; None if the stack is already as it should be."""
        creates = before is None or before.is_new
        kept = request.declared & (before.parameters.keys() if before and not creates else set())
        asked: CreateChangeSetInputTypeDef = {
            "StackName": request.stack,
            "ChangeSetName": f"imagemill-{uuid4().hex}",
            "ChangeSetType": "CREATE" if creates else "UPDATE",
            "TemplateURL": request.template_url,
            "Parameters": _parameters(request, kept),
            # For the roles of the functions, and for the transformation of SAM.
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            "Tags": [{"Key": name, "Value": value} for name, value in request.tags.items()],
        }
        if request.role_arn:
            asked["RoleARN"] = request.role_arn
        if creates:
            # A first install that fails leaves nothing behind, so it can be tried again.
            asked["OnStackFailure"] = "DELETE"
        with _explained():
            made = self._client.create_change_set(**asked)
            arn = made["Id"]
            described = self._wait(arn)
            change = ChangeSet(arn, made["StackId"], creates, self._changes(arn))
        if described["Status"] == "FAILED":
            self.discard(change)
            if any(words in described.get("StatusReason", "") for words in _UNCHANGED):
                return None
            raise SetupFailed(f"the change is not possible: {described.get('StatusReason')}")
        return change

    def import_kept(self, stack: str, planned: Import) -> None:
        """Make a stack of existing resources, and wait for it; raises SetupFailed."""
        with _explained():
            made = self._client.create_change_set(
                StackName=stack,
                ChangeSetName=f"imagemill-{uuid4().hex}",
                ChangeSetType="IMPORT",
                TemplateBody=planned.template,
                ResourcesToImport=[_to_import(one) for one in planned.resources],
            )
            described = self._wait(made["Id"])
            if described["Status"] == "FAILED":
                self.discard(ChangeSet(made["Id"], made["StackId"], creates=True, changes=()))
                raise SetupFailed(f"the import is not possible: {described.get('StatusReason')}")
            self._client.execute_change_set(ChangeSetName=made["Id"])
            waiter = self._client.get_waiter("stack_import_complete")
            waiter.wait(StackName=made["StackId"], WaiterConfig=_WAIT)

    def _wait(self, arn: str) -> "DescribeChangeSetOutputTypeDef":
        """Wait until the change set is made or has failed, and return it."""
        waiter = self._client.get_waiter("change_set_create_complete")
        try:
            waiter.wait(ChangeSetName=arn, WaiterConfig=_WAIT)
        except WaiterError as fault:
            if fault.last_response.get("Status") != "FAILED":
                raise
        return self._client.describe_change_set(ChangeSetName=arn)

    def _changes(self, arn: str) -> list[ResourceChange]:
        pages = self._client.get_paginator("describe_change_set").paginate(ChangeSetName=arn)
        return [_change(one) for page in pages for one in page.get("Changes", [])]

    def discard(self, change: ChangeSet) -> None:
        """Delete a change set that is not executed, and the empty stack that it made."""
        with _explained():
            self._client.delete_change_set(ChangeSetName=change.arn)
            if change.creates:
                self._client.delete_stack(StackName=change.stack_id)

    def execute(self, change: ChangeSet) -> None:
        """Begin to make the change."""
        with _explained():
            self._client.execute_change_set(ChangeSetName=change.arn)

    def events(self, stack_id: str) -> Sequence[StackEvent]:
        """Return the events of a stack, the oldest first."""
        with _explained():
            pages = self._client.get_paginator("describe_stack_events").paginate(StackName=stack_id)
            found = [event for page in pages for event in page["StackEvents"]]
        return [
            StackEvent(
                one["EventId"],
                one.get("LogicalResourceId", ""),
                one.get("ResourceStatus", ""),
                one.get("ResourceStatusReason", ""),
                one.get("ResourceType", ""),
            )
            for one in reversed(found)
        ]

    def outputs(self, stack_id: str) -> dict[str, str]:
        """Return the outputs of a stack by name."""
        return stack_outputs(self._client, stack_id)


class CodeBucket:
    """The bucket from which CloudFormation reads code and templates."""

    def __init__(self, s3: "S3Client", name: str) -> None:
        self._s3 = s3
        self._name = name

    @property
    def name(self) -> str:
        """The bucket's name."""
        return self._name

    def url(self, key: str) -> str:
        """Return the URL of an object, as CloudFormation takes it."""
        return f"{self._s3.meta.endpoint_url}/{self._name}/{key}"

    def has(self, key: str) -> bool:
        """Return whether the object exists."""
        with _explained():
            found = self._s3.list_objects_v2(Bucket=self._name, Prefix=key, MaxKeys=1)
        return any(one["Key"] == key for one in found.get("Contents", []))

    def put(self, key: str, data: bytes) -> None:
        """Store an object."""
        with _explained():
            self._s3.put_object(Bucket=self._name, Key=key, Body=data)


def ensure_code_bucket(client: "CloudFormationClient") -> str:
    """Return the name of the account's bucket for code in this region; makes it if there is none.

    It has a stack of its own, so that its name is chosen by CloudFormation and cannot be guessed.
    """
    state = CloudFormationStacks(client).state(CODE_STACK)
    with _explained():
        if state is None:
            client.create_stack(StackName=CODE_STACK, TemplateBody=CODE_TEMPLATE)
        client.get_waiter("stack_create_complete").wait(
            StackName=CODE_STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 300}
        )
    return stack_outputs(client, CODE_STACK)["Bucket"]


def _parameters(request: StackRequest, kept: frozenset[str]) -> "list[ParameterTypeDef]":
    """Return the parameters of a change set, with those that keep their values."""
    given: list[ParameterTypeDef] = [
        {"ParameterKey": name, "ParameterValue": value}
        for name, value in request.parameters.items()
    ]
    return given + [
        {"ParameterKey": name, "UsePreviousValue": True}
        for name in sorted(kept - request.parameters.keys())
    ]


def _to_import(kept: KeptResource) -> "ResourceToImportTypeDef":
    return {
        "ResourceType": kept.kind,
        "LogicalResourceId": kept.logical_id,
        "ResourceIdentifier": {kept.identifier: kept.name},
    }


def _change(found: "ChangeTypeDef") -> ResourceChange:
    resource = found.get("ResourceChange", {})
    return ResourceChange(
        resource.get("Action", ""),
        resource.get("LogicalResourceId", ""),
        resource.get("ResourceType", ""),
        resource.get("Replacement", "False"),
    )


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as fault:
        raise _failed(fault) from fault


def _failed(fault: Exception) -> SetupFailed:
    return SetupFailed(f"the stack could not be deployed: {fault}")
