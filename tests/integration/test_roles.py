"""Each role may make the calls of its function, and no others."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from live.stack import Stack

DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "403"}
CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "read an original": ("s3", "get_object", {"Bucket": "ORIGINALS", "Key": "k"}),
    "write an original": ("s3", "put_object", {"Bucket": "ORIGINALS", "Key": "k", "Body": b""}),
    "delete an original": ("s3", "delete_object", {"Bucket": "ORIGINALS", "Key": "k"}),
    "list the originals": ("s3", "list_objects_v2", {"Bucket": "ORIGINALS"}),
    "list versions of originals": ("s3", "list_object_versions", {"Bucket": "ORIGINALS"}),
    "read a rendition": ("s3", "get_object", {"Bucket": "PROCESSED", "Key": "k"}),
    "write a rendition": ("s3", "put_object", {"Bucket": "PROCESSED", "Key": "k", "Body": b""}),
    "tag a rendition": (
        "s3",
        "put_object",
        {"Bucket": "PROCESSED", "Key": "t", "Body": b"", "Tagging": "imagemill=removed"},
    ),
    "store a variant": ("s3", "put_object", {"Bucket": "PROCESSED", "Key": "~t/k", "Body": b""}),
    "delete a rendition": ("s3", "delete_object", {"Bucket": "PROCESSED", "Key": "k"}),
    "list the renditions": ("s3", "list_objects_v2", {"Bucket": "PROCESSED"}),
    "drop a bucket": ("s3", "delete_bucket", {"Bucket": "PROCESSED"}),
    "open a bucket": ("s3", "delete_public_access_block", {"Bucket": "PROCESSED"}),
    "change the events": (
        "s3",
        "put_bucket_notification_configuration",
        {"Bucket": "ORIGINALS", "NotificationConfiguration": {}},
    ),
    "list all buckets": ("s3", "list_buckets", {}),
    "read a record": ("dynamodb", "get_item", {"TableName": "TABLE", "Key": {"id": {"S": "k"}}}),
    "write a record": ("dynamodb", "put_item", {"TableName": "TABLE", "Item": {"id": {"S": "k"}}}),
    "delete a record": (
        "dynamodb",
        "delete_item",
        {"TableName": "TABLE", "Key": {"id": {"S": "k"}}},
    ),
    "list the newest": (
        "dynamodb",
        "query",
        {
            "TableName": "TABLE",
            "IndexName": "feed",
            "KeyConditionExpression": "feed = :feed",
            "ExpressionAttributeValues": {":feed": {"S": "0"}},
        },
    ),
    "list by name": (
        "dynamodb",
        "query",
        {
            "TableName": "TABLE",
            "IndexName": "names",
            "KeyConditionExpression": "feed = :feed",
            "ExpressionAttributeValues": {":feed": {"S": "0"}},
        },
    ),
    "list own images": (
        "dynamodb",
        "query",
        {
            "TableName": "TABLE",
            "IndexName": "owners",
            "KeyConditionExpression": "#owner = :owner",
            "ExpressionAttributeNames": {"#owner": "owner"},
            "ExpressionAttributeValues": {":owner": {"S": "o"}},
        },
    ),
    "query the table": (
        "dynamodb",
        "query",
        {
            "TableName": "TABLE",
            "KeyConditionExpression": "id = :id",
            "ExpressionAttributeValues": {":id": {"S": "k"}},
        },
    ),
    "write a variant": (
        "dynamodb",
        "put_item",
        {"TableName": "VARIANTS", "Item": {"id": {"S": "k"}, "variant": {"S": "v"}}},
    ),
    "list the variants": (
        "dynamodb",
        "query",
        {
            "TableName": "VARIANTS",
            "KeyConditionExpression": "id = :id",
            "ExpressionAttributeValues": {":id": {"S": "k"}},
        },
    ),
    "read a share": (
        "dynamodb",
        "get_item",
        {"TableName": "SHARES", "Key": {"kind": {"S": "k"}, "id": {"S": "k"}}},
    ),
    "write a share": (
        "dynamodb",
        "put_item",
        {"TableName": "SHARES", "Item": {"kind": {"S": "k"}, "id": {"S": "k"}}},
    ),
    "list the shares": (
        "dynamodb",
        "query",
        {
            "TableName": "SHARES",
            "KeyConditionExpression": "kind = :kind",
            "ExpressionAttributeValues": {":kind": {"S": "k"}},
        },
    ),
    "read the secret of the shares": ("secretsmanager", "get_secret_value", {"SecretId": "SECRET"}),
    "scan the table": ("dynamodb", "scan", {"TableName": "TABLE"}),
    "drop the table": ("dynamodb", "delete_table", {"TableName": "TABLE"}),
    "take a message": ("sqs", "receive_message", {"QueueUrl": "QUEUE"}),
    "delay a message": (
        "sqs",
        "change_message_visibility",
        {"QueueUrl": "QUEUE", "ReceiptHandle": "x", "VisibilityTimeout": 5},
    ),
    "send a message": ("sqs", "send_message", {"QueueUrl": "QUEUE", "MessageBody": "x"}),
    "empty the queue": ("sqs", "purge_queue", {"QueueUrl": "QUEUE"}),
    "take a dead letter": ("sqs", "receive_message", {"QueueUrl": "DEAD"}),
    "announce a final state": (
        "events",
        "put_events",
        {"Entries": [{"Source": "test", "DetailType": "test", "Detail": "{}"}]},
    ),
    "change the rules": ("events", "list_rules", {}),
    "look into the queue": (
        "sqs",
        "get_queue_attributes",
        {"QueueUrl": "QUEUE", "AttributeNames": ["ApproximateNumberOfMessages"]},
    ),
    "change a role": ("iam", "list_roles", {}),
    "change a function": ("lambda", "list_functions", {}),
}
GRANTED = {
    "ResizeImageRole": {
        "read an original",
        "list the originals",
        "read a rendition",
        "write a rendition",
        "store a variant",
        "tag a rendition",
        "list the renditions",
        "read a record",
        "write a record",
        "list the variants",
        "announce a final state",
        "take a message",
        "delay a message",
        "look into the queue",
    },
    "ApiImageUploadRole": {
        "read an original",
        "write an original",
        "delete an original",
        "list the originals",
        "read a rendition",
        "read a record",
        "write a record",
        "send a message",
        "list by name",
        "list the newest",
        "list own images",
        "read a share",
        "write a share",
        "list the shares",
        "read the secret of the shares",
    },
    "TransformRole": {
        "list the originals",
        "read a rendition",
        "store a variant",
        "list the renditions",
        "read a record",
        "write a variant",
    },
    "BackfillRole": {"list the originals", "send a message", "look into the queue"},
}
# One per role, and a separate one for the backfill's child executions.
POLICIES = len(GRANTED) + 1
CASES = [(role, call, call in granted) for role, granted in GRANTED.items() for call in CALLS]


@dataclass(frozen=True)
class Actor:
    """Makes calls with one role."""

    session: boto3.Session
    stack: Stack
    names: dict[str, str]
    """The names of further resources, by their placeholders in CALLS."""

    def may(self, call: str) -> bool:
        """Make a call and return whether IAM allows it, even if it fails for another reason."""
        service, method, arguments = CALLS[call]
        client: Any = self.session.client(
            service,  # type: ignore[call-overload]  # any of the services above
            endpoint_url=self.stack.address.endpoint,
        )
        try:
            getattr(client, method)(**self._with_names(arguments))
        except ClientError as fault:
            return fault.response["Error"]["Code"] not in DENIED
        return True

    def _with_names(self, arguments: dict[str, Any]) -> dict[str, Any]:
        names = {
            "ORIGINALS": self.stack.address.originals_bucket,
            "PROCESSED": self.stack.address.processed_bucket,
            "TABLE": self.stack.address.table,
            **self.names,
            "QUEUE": self.stack.address.queue_url,
            "DEAD": self.stack.address.dead_letter_queue_url,
        }
        return {
            name: names.get(value, value) if isinstance(value, str) else value
            for name, value in arguments.items()
        }


@pytest.fixture(scope="module")
def actors(stack: Stack, session: boto3.Session) -> Iterator[dict[str, Actor]]:
    endpoint = stack.address.endpoint
    cloudformation = session.client("cloudformation", endpoint_url=endpoint)
    sts = session.client("sts", endpoint_url=endpoint)
    iam = session.client("iam", endpoint_url=endpoint)

    def name_of(logical_name: str) -> str:
        found = cloudformation.describe_stack_resource(
            StackName=stack.address.stack, LogicalResourceId=logical_name
        )
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def assume(logical_name: str) -> Actor:
        arn = iam.get_role(RoleName=name_of(logical_name))["Role"]["Arn"]
        keys = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        return Actor(
            boto3.Session(
                keys["AccessKeyId"],
                keys["SecretAccessKey"],
                keys["SessionToken"],
                region_name=stack.address.region,
            ),
            stack,
            {
                "VARIANTS": name_of("VariantsTable"),
                "SHARES": name_of("SharesTable"),
                "SECRET": name_of("ShareSecret"),
            },
        )

    yield {name: assume(name) for name in GRANTED}
    stack.s3.delete_object(Bucket=stack.address.originals_bucket, Key="k")


@pytest.mark.parametrize(
    ("role", "call", "allowed"), CASES, ids=[f"{role}-{call}" for role, call, _ in CASES]
)
def test_a_role_has_exactly_the_permissions_of_its_function(
    actors: dict[str, Actor], role: str, call: str, *, allowed: bool
) -> None:
    assert actors[role].may(call) is allowed


def test_no_loop_is_possible(actors: dict[str, Actor]) -> None:
    """The resize role cannot write to the bucket of its events."""
    assert not actors["ResizeImageRole"].may("write an original")


def test_a_backfill_never_reads_its_own_output(actors: dict[str, Actor]) -> None:
    assert not actors["BackfillRole"].may("read a rendition")
    assert not actors["BackfillRole"].may("list the renditions")


def test_no_role_uses_a_wildcard_action(session: boto3.Session, stack: Stack) -> None:
    iam = session.client("iam", endpoint_url=stack.address.endpoint)
    roles = [r["RoleName"] for r in iam.list_roles()["Roles"]]

    policies = [
        json.dumps(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
        for role in roles
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]

    assert len(policies) == POLICIES
    assert not any('*"' in action for text in policies for action in _actions(text))


def _actions(policy: str) -> list[str]:
    statements = json.loads(policy)["Statement"]
    return [json.dumps(statement["Action"]) for statement in statements]
