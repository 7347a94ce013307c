"""Roles have exactly the permissions that the functions and the state machine use.

Lambda and Step Functions make some calls themselves with a role, and the embedded AWS makes those
without checking IAM. So the permissions that Lambda uses are compared with its documentation, and
the state machine's calls are made here with its role.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from fakes.images import jpeg
from fakes.template import read_template
from fakes.webhook_receiver import WebhookReceiver
from live.permissions import FUNCTIONS, PermissionHarness
from live.stack import Stack, owner_session, unused_port
from live.state_machine import StateMachineHarness

from imagemill.aws.records_table import RecordsTable
from imagemill.local.up import UpOptions, cloud

# Permissions that the functions do not use on the embedded AWS.  Lambda uses the first two, as in
# its managed policy AWSLambdaSQSQueueExecutionRole (here without CreateLogGroup). With the third
# S3 answers 404 instead of 403 for a missing object; the embedded AWS answers 404 in any case. Only
# after a temporary error, which is not made here, the function uses ChangeMessageVisibility.
USED_ONLY_ON_AWS = {
    "TakeEvents": {
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ChangeMessageVisibility",
    },
    "TakeWebhooks": {
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ChangeMessageVisibility",
    },
    "WriteLogs": {"logs:CreateLogStream", "logs:PutLogEvents"},
    "TellMissingFromForbidden": {"s3:ListBucket"},
}
# Every statement, and the operations that are denied without it.
NEEDED = [
    ("ResizeImage", "ReadOriginals", {"GetObject", "HeadObject"}),
    ("ResizeImage", "FindOriginals", {"ListObjectsV2"}),
    ("ResizeImage", "WriteRenditions", {"PutObject", "HeadObject"}),
    ("ResizeImage", "ListRenditions", {"ListObjectsV2"}),
    ("ResizeImage", "KeepRecords", {"GetItem"}),
    ("ResizeImage", "FindVariants", {"Query"}),
    ("ResizeImage", "RegisterDeployment", {"GetItem"}),
    ("ResizeImage", "AnnounceFinalStates", {"PutEvents"}),
    ("Transform", "ReadOriginals", {"GetObject"}),
    ("Transform", "ReadRenditions", {"HeadObject"}),
    ("Transform", "WriteVariants", {"PutObject"}),
    ("Transform", "ReadRecords", {"GetItem"}),
    ("Transform", "RegisterVariants", {"PutItem"}),
    ("ApiImageUpload", "TakeAndDeleteUploads", {"PutObject"}),
    ("ApiImageUpload", "ShowOriginals", {"original"}),
    ("ApiImageUpload", "ShowRenditions", {"rendition"}),
    ("ApiImageUpload", "KeepRecords", {"GetItem"}),
    ("ApiImageUpload", "ListFolders", {"ListObjectsV2"}),
    ("ApiImageUpload", "AskForNewRenditions", {"SendMessage"}),
    ("ApiImageUpload", "ListByTimeAndName", {"Query"}),
    ("ApiImageUpload", "ListOwn", {"Query"}),
    ("ApiImageUpload", "ReadPrivateKeys", {"GetSecretValue"}),
    ("ApiImageUpload", "KeepShares", {"GetItem", "PutItem"}),
    ("ApiImageUpload", "SignShares", {"GetSecretValue"}),
    ("Webhook", "ReadWebhookSecret", {"GetSecretValue"}),
]
# Every statement of the state machine's role, and the calls that are denied without it.
NEEDED_BY_BACKFILL = [
    ("ListOriginals", {"list_objects_v2"}),
    ("FeedTheQueue", {"send_message", "get_queue_attributes"}),
    ("SeeThePermission", {"query"}),
    ("WriteResults", {"put_object", "get_object", "list_parts", "abort_multipart_upload"}),
    ("RunChildren", {"start_execution"}),
    ("EndChildren", {"describe_execution", "stop_execution"}),
]
# The permissions with which Step Functions sends its log to CloudWatch, as documented by AWS.
LOG_DELIVERY = {
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
}
# Permissions that each task of the state machine needs, as documented by AWS.
TASK_PERMISSIONS = {
    "s3:listObjectsV2": {"s3:ListBucket"},
    "aws-sdk:dynamodb:query": {"dynamodb:Query"},
    "aws-sdk:sqs:getQueueAttributes": {"sqs:GetQueueAttributes"},
    "sqs:sendMessage": {"sqs:SendMessage"},
    "s3:putObject": {
        "s3:PutObject",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:AbortMultipartUpload",
    },
    "DISTRIBUTED": {"states:StartExecution", "states:DescribeExecution", "states:StopExecution"},
}


@pytest.fixture(scope="module")
def harness(
    tmp_path_factory: pytest.TempPathFactory, receiver: WebhookReceiver
) -> Iterator[PermissionHarness]:
    folder = tmp_path_factory.mktemp("rights")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_DATA_HOME", str(folder / "home"))
        parameters = {"Owners": "true", "Private": "true", "WebhookUrl": receiver.url}
        options = UpOptions(unused_port(), folder / "data", "100", parameters)
        with cloud(options) as (_, address):
            endpoint, session = address.endpoint, owner_session(address)
            stack = Stack(
                address,
                session.client("s3", endpoint_url=endpoint),
                session.client("sqs", endpoint_url=endpoint),
                RecordsTable(session.client("dynamodb", endpoint_url=endpoint), address.table),
            )
            for key in ("shown.jpg", "gone.jpg", "moved.jpg"):
                stack.put(key, jpeg(400, 300))
                stack.wait_until_final(key)
            stack.s3.put_bucket_notification_configuration(
                Bucket=address.originals_bucket, NotificationConfiguration={}
            )
            harness = PermissionHarness(stack, session, has_private_images=True)
            assert harness.begun_uploads
            assert harness.made_share
            yield harness


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_uses_exactly_its_permissions(harness: PermissionHarness, function: str) -> None:
    seen = harness.work(function)

    assert seen.refused == set()
    assert seen.ended_well
    assert seen.used == {
        (action, resource)
        for statement in harness.statements(function)
        if statement["Sid"] not in USED_ONLY_ON_AWS
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    }


@pytest.mark.parametrize(("function", "sid", "refused"), NEEDED)
def test_a_function_fails_without_any_of_its_statements(
    harness: PermissionHarness, function: str, sid: str, refused: set[str]
) -> None:
    with harness.without(function, sid):
        seen = harness.work(function)

    assert refused & seen.refused
    assert not seen.ended_well


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_statement_has_a_test_without_it(harness: PermissionHarness, function: str) -> None:
    known = {sid for of, sid, _ in NEEDED if of == function}

    found = {statement["Sid"] for statement in harness.statements(function)}

    assert found - set(USED_ONLY_ON_AWS) == known


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("ResizeImage", {"TakeEvents", "WriteLogs"}),
        ("Transform", {"WriteLogs", "TellMissingFromForbidden"}),
        ("ApiImageUpload", {"WriteLogs"}),
        ("Webhook", {"TakeWebhooks", "WriteLogs"}),
    ],
    ids=FUNCTIONS,
)
def test_permissions_used_only_on_aws_match_the_documentation(
    harness: PermissionHarness, function: str, expected: set[str]
) -> None:
    granted = {
        s["Sid"]: set(_listed(s["Action"]))
        for s in harness.statements(function)
        if s["Sid"] in USED_ONLY_ON_AWS
    }

    assert granted == {sid: USED_ONLY_ON_AWS[sid] for sid in expected}


def test_the_state_machine_has_permission_for_every_call(
    harness: PermissionHarness,
) -> None:
    assert StateMachineHarness(harness).denied_calls() == set()


@pytest.mark.parametrize(("sid", "refused"), NEEDED_BY_BACKFILL)
def test_the_state_machine_is_denied_calls_without_their_statement(
    harness: PermissionHarness, sid: str, refused: set[str]
) -> None:
    with harness.without("Backfill", sid):
        found = StateMachineHarness(harness).denied_calls()

    assert found == refused


def test_every_statement_of_the_state_machine_has_a_test_without_it(
    harness: PermissionHarness,
) -> None:
    found = [statement["Sid"] for statement in harness.statements("Backfill")]

    assert sorted(found) == sorted(["DeliverLogs", *(sid for sid, _ in NEEDED_BY_BACKFILL)])


def test_the_state_machine_has_exactly_the_documented_permissions() -> None:
    resources = read_template()["Resources"]
    policies = [
        *(p["PolicyDocument"] for p in resources["BackfillRole"]["Properties"]["Policies"]),
        resources["BackfillChildrenPolicy"]["Properties"]["PolicyDocument"],
    ]

    # That for a KMS key has a condition; `unit/domain/test_bucket_policies.py` compares it.
    plain = [s for p in policies for s in p["Statement"] if "Fn::If" not in s]
    granted = {action for statement in plain for action in _listed(statement["Action"])}
    tasks = set(_tasks(resources["BackfillStateMachine"]["Properties"]["Definition"]))

    needed = {action for task in tasks for action in TASK_PERMISSIONS[task]}
    assert granted == needed | LOG_DELIVERY


def _tasks(state: Any) -> Iterator[str]:  # noqa: ANN401  # JSON of the state machine
    match state:
        case {"Resource": {"Fn::Sub": str(arn)}}:
            yield arn.rpartition(":states:::")[2]
        case {"Mode": "DISTRIBUTED"}:
            yield "DISTRIBUTED"
    for inner in state.values() if isinstance(state, dict) else _listed(state):
        if isinstance(inner, dict | list):
            yield from _tasks(inner)


def _listed(value: Any) -> list[Any]:  # noqa: ANN401  # IAM allows one value or a list
    return value if isinstance(value, list) else [value]
