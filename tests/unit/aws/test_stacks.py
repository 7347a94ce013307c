"""CloudFormation's change sets, on another implementation of AWS."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from imagemill.aws.stacks import (
    CODE_TEMPLATE,
    CloudFormationStacks,
    CodeBucket,
    ensure_code_bucket,
)
from imagemill.domain.stack_change import StackRequest
from imagemill.domain.stack_import import Import, KeptResource
from imagemill.errors import SetupFailed

REGION = "eu-central-1"
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Name"}}}
TEMPLATE = {
    "Parameters": {"Name": {"Type": "String"}, "Other": {"Type": "String", "Default": "o"}},
    "Resources": {"Queue": QUEUE},
}
DECLARED = frozenset({"Name", "Other"})


def client(service: str) -> Any:  # noqa: ANN401  # the type depends on the service
    return boto3.Session("key", "secret", region_name=REGION).client(service)  # type: ignore[call-overload]  # ditto


@pytest.fixture(scope="module")
def code() -> Iterator[CodeBucket]:
    """Return the bucket of an account; each test has a stack of its own."""
    moto = pytest.importorskip("moto", reason="moto is not installed")
    pytest.importorskip("openapi_spec_validator", reason="CloudFormation in moto needs it")
    with moto.mock_aws():
        s3 = client("s3")
        yield CodeBucket(s3, ensure_code_bucket(client("cloudformation")))


def asked(code: CodeBucket, stack: str, **parameters: str) -> StackRequest:
    code.put("t.json", json.dumps(TEMPLATE).encode())
    return StackRequest(stack, code.url("t.json"), parameters, DECLARED, {"stage": "dev"})


def test_the_bucket_for_code_is_made_once(code: CodeBucket) -> None:
    assert ensure_code_bucket(client("cloudformation")) == code.name


def test_the_bucket_for_code_is_kept_and_is_never_public() -> None:
    bucket = json.loads(CODE_TEMPLATE)["Resources"]["CodeBucket"]

    block = bucket["Properties"]["PublicAccessBlockConfiguration"]
    assert (bucket["DeletionPolicy"], set(block.values()), len(block)) == ("Retain", {True}, 4)


def test_an_object_is_found_by_its_whole_key(code: CodeBucket) -> None:
    code.put("abc.zip", b"x")

    assert (code.has("abc.zip"), code.has("abc"), code.has("d.zip")) == (True, False, False)


def test_a_new_stack_is_proposed_made_and_read(code: CodeBucket) -> None:
    stacks = CloudFormationStacks(client("cloudformation"))
    assert stacks.state("new") is None

    change = stacks.propose(asked(code, "new", Name="one"), None)
    assert change is not None
    stacks.execute(change)

    state = stacks.state(change.stack_id)
    assert [(one.action, one.logical_id) for one in change.changes] == [("Add", "Queue")]
    assert state is not None
    assert (state.is_done, dict(state.parameters)) == (True, {"Name": "one", "Other": "o"})
    assert [event.status for event in stacks.events(change.stack_id)][-1] == "CREATE_COMPLETE"


def test_an_update_keeps_the_parameters_that_are_not_named(code: CodeBucket) -> None:
    stacks = CloudFormationStacks(client("cloudformation"))
    first = stacks.propose(asked(code, "kept", Name="one", Other="mine"), None)
    assert first is not None
    stacks.execute(first)

    change = stacks.propose(asked(code, "kept", Name="two"), stacks.state("kept"))
    assert change is not None
    stacks.execute(change)

    state = stacks.state("kept")
    assert state is not None
    assert dict(state.parameters) == {"Name": "two", "Other": "mine"}


def test_a_discarded_change_of_a_new_stack_leaves_nothing(code: CodeBucket) -> None:
    stacks = CloudFormationStacks(client("cloudformation"))
    change = stacks.propose(asked(code, "gone", Name="one"), None)
    assert change is not None

    stacks.discard(change)

    assert stacks.state("gone") is None


def stubbed(status: str, reason: str) -> tuple[CloudFormationStacks, Stubber]:
    """Return stacks whose next change set fails for a reason."""
    api = client("cloudformation")
    stub = Stubber(api)
    arn = "arn:aws:cloudformation:eu-central-1:123456789012:changeSet/imagemill-1/1"
    described = {"Status": status, "StatusReason": reason, "Changes": []}
    stub.add_response("create_change_set", {"Id": arn, "StackId": "arn:stack"})
    for _ in range(3):
        stub.add_response("describe_change_set", described)
    stub.add_response("delete_change_set", {})
    stub.add_response("delete_stack", {})
    stub.activate()
    return CloudFormationStacks(api), stub


REQUEST = StackRequest("gone", "https://bucket/t.json", {}, DECLARED, {})


def test_a_change_set_without_changes_is_none_and_is_deleted() -> None:
    stacks, stub = stubbed("FAILED", "The submitted information didn't contain changes. Submit …")

    assert stacks.propose(REQUEST, None) is None

    stub.assert_no_pending_responses()


def test_a_change_that_is_not_possible_is_reported_with_its_reason() -> None:
    stacks, stub = stubbed("FAILED", "Resource type AWS::Mill is not supported")

    with pytest.raises(SetupFailed, match="not possible: Resource type AWS::Mill"):
        stacks.propose(REQUEST, None)

    stub.assert_no_pending_responses()


KEPT = Import("{}", [KeptResource("AWS::S3::Bucket", "Originals", "BucketName", "kept")])


def test_existing_resources_become_a_stack() -> None:
    api = client("cloudformation")
    to_import = {
        "ResourceType": "AWS::S3::Bucket",
        "LogicalResourceId": "Originals",
        "ResourceIdentifier": {"BucketName": "kept"},
    }
    asked_for = {
        "StackName": "mill",
        "ChangeSetName": ANY,
        "ChangeSetType": "IMPORT",
        "TemplateBody": "{}",
        "ResourcesToImport": [to_import],
    }
    done = {
        "StackName": "mill",
        "CreationTime": datetime.now(UTC),
        "StackStatus": "IMPORT_COMPLETE",
    }
    with Stubber(api) as stub:
        stub.add_response("create_change_set", {"Id": "arn:set", "StackId": "arn:stack"}, asked_for)
        for _ in range(2):
            stub.add_response("describe_change_set", {"Status": "CREATE_COMPLETE"})
        stub.add_response("execute_change_set", {}, {"ChangeSetName": "arn:set"})
        stub.add_response("describe_stacks", {"Stacks": [done]}, {"StackName": "arn:stack"})

        CloudFormationStacks(api).import_kept("mill", KEPT)

        stub.assert_no_pending_responses()


def test_an_import_that_is_not_possible_leaves_no_stack() -> None:
    api = client("cloudformation")
    failed = {"Status": "FAILED", "StatusReason": "kept belongs to another stack"}
    with Stubber(api) as stub:
        stub.add_response("create_change_set", {"Id": "arn:set", "StackId": "arn:stack"})
        for _ in range(2):
            stub.add_response("describe_change_set", failed)
        stub.add_response("delete_change_set", {})
        stub.add_response("delete_stack", {}, {"StackName": "arn:stack"})

        with pytest.raises(SetupFailed, match="kept belongs to another stack"):
            CloudFormationStacks(api).import_kept("mill", KEPT)

        stub.assert_no_pending_responses()


def test_a_refused_request_is_reported() -> None:
    api = client("cloudformation")
    with Stubber(api) as stub:
        stub.add_client_error("describe_stacks", "AccessDenied", "you may not")

        with pytest.raises(SetupFailed, match="you may not"):
            CloudFormationStacks(api).state("mill")
