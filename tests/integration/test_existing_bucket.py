"""A stack that uses an existing bucket of others, from its adoption to the undoing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fakes.images import jpeg
from live.existing_bucket import notifications_of, queue_of_others, run, stack_beside_others
from live.permissions import FUNCTIONS, PermissionHarness
from live.stack import Stack
from live.state_machine import StateMachineHarness
from typer.testing import CliRunner

from imagemill.aws.bucket_notifications import BucketNotifications
from imagemill.cli.app import app
from imagemill.domain.adoption import EVENTS, Adopter, adoption, release
from imagemill.domain.keys import image_id

BUCKET, RENDITIONS = "photos-of-others", "their-renditions"
KEY = "arn:aws:kms:us-east-1:000000000000:key/1"
SMALL = jpeg(120, 90)
# Images that are in the bucket before the stack; the tests of permissions use the first three.
OLD = [
    *("shown.jpg", "gone.jpg", "moved.jpg", "old/line\nbreak.jpg"),
    *(f"old/{number:02}.jpg" for number in range(10)),
]
IGNORED = ["old/", "old/00.xmp", "old/.DS_Store", "Thumbs.db"]


@dataclass(frozen=True)
class ExistingBucket:
    """A bucket with objects and notifications of others, and the stack that has adopted it."""

    stack: Stack
    rights: PermissionHarness
    notifications: dict[str, Any]
    """The notifications before the adoption."""
    versions: set[tuple[str, str, str]]
    """The objects before the adoption."""

    def has_record(self, key: str) -> bool:
        return self.stack.records.get(image_id(key)) is not None


def versions_of(s3: Any) -> set[tuple[str, str, str]]:  # noqa: ANN401  # any client of S3
    """Return key, version and ETag of everything in the bucket."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET)
    found = [one for page in pages for one in page.get("Versions", [])]
    return {(one["Key"], one["VersionId"], one["ETag"]) for one in found}


def fill(stack: Stack) -> None:
    """Make the bucket of others, with a notification for every new object."""
    stack.s3.create_bucket(Bucket=RENDITIONS)
    stack.s3.create_bucket(Bucket=BUCKET)
    stack.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    arn = queue_of_others(stack)
    rule: Any = {"Id": "theirs", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
    stack.s3.put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [rule]}
    )
    for key in [*OLD, *IGNORED]:
        stack.put(key, SMALL if key.endswith(".jpg") else b"")


@pytest.fixture(scope="module")
def existing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExistingBucket]:
    folder = tmp_path_factory.mktemp("existing")
    parameters = {
        "OriginalsBucketName": BUCKET,
        "OriginalsEvents": "eventbridge",
        "WriteOriginals": "true",
        "ProcessedBucketName": RENDITIONS,
        "RolePath": "/mill/",
        "Owners": "true",
        "KmsKeyArn": KEY,
    }
    with stack_beside_others(folder, parameters, fill) as (stack, session):
        before = notifications_of(stack.s3, BUCKET), versions_of(stack.s3)
        run("adopt", BUCKET, "--yes")
        run("backfill")
        yield ExistingBucket(stack, PermissionHarness(stack, session), *before)


def test_adopting_leaves_the_notifications_of_others_as_they_were(existing: ExistingBucket) -> None:
    now = notifications_of(existing.stack.s3, BUCKET)

    assert now == existing.notifications | {"EventBridgeConfiguration": {}}


def test_a_backfill_processes_the_objects_and_changes_none(existing: ExistingBucket) -> None:
    records = [existing.stack.records.get(image_id(key)) for key in OLD]

    assert {record.status if record else "" for record in records} == {"ready"}
    assert versions_of(existing.stack.s3) == existing.versions


def test_a_new_image_arrives_and_is_removed_again(existing: ExistingBucket) -> None:
    existing.stack.put("new/é +.jpg", SMALL)
    made = existing.stack.wait_for_status("new/é +.jpg", "ready")
    existing.stack.s3.delete_object(Bucket=BUCKET, Key="new/é +.jpg")
    existing.stack.wait_for_status("new/é +.jpg", "deleted")

    assert list(made.renditions) == ["100"]


def test_folders_and_sidecar_files_have_no_record(existing: ExistingBucket) -> None:
    existing.stack.put("new/late.json", b"{}")
    existing.stack.put("new/late.jpg", SMALL)
    existing.stack.wait_for_status("new/late.jpg", "ready")

    ignored = [*IGNORED, "new/late.json"]

    assert [key for key in ignored if existing.has_record(key)] == []


@pytest.mark.parametrize("function", sorted(FUNCTIONS.keys() - {"Webhook"}))
def test_a_function_may_do_its_work_and_has_rights_to_these_buckets_only(
    existing: ExistingBucket, function: str
) -> None:
    seen = existing.rights.work(function)

    granted = {
        resource
        for statement in existing.rights.statements(function)
        for resource in _listed(statement["Resource"])
        if resource.startswith("arn:aws:s3")
    }
    assert seen.refused == set()
    assert seen.ended_well
    assert {one.split(":::")[1].split("/")[0] for one in granted} == {BUCKET, RENDITIONS}


def test_the_state_machine_has_permission_for_every_call(existing: ExistingBucket) -> None:
    assert StateMachineHarness(existing.rights).denied_calls() == set()


def test_the_printed_policies_name_the_roles_and_the_buckets(existing: ExistingBucket) -> None:
    printed = json.loads(run("adopt", BUCKET, "--print-policy"))

    role = existing.rights.client("iam").get_role(
        RoleName=existing.rights.physical_id("ResizeImageRole")
    )["Role"]["Arn"]
    [reads] = [one for one in printed["originals"] if one["Sid"] == "ImagemillReads"]
    assert ":role/mill/" in role
    assert role in reads["Principal"]["AWS"]
    assert {one["Resource"] for one in printed["processed"]} == {f"arn:aws:s3:::{RENDITIONS}/*"}
    assert len(printed["key"]) == 5


def test_policies_of_a_bucket_that_the_stack_does_not_use_are_not_printed(
    existing: ExistingBucket,
) -> None:
    result = CliRunner().invoke(app, ["adopt", "of-nobody", "--print-policy"])

    assert existing.stack.address.originals_bucket == BUCKET
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"uses {BUCKET} and {RENDITIONS}, not of-nobody" in result.stderr


def resources_of(existing: ExistingBucket, kind: str) -> list[str]:
    """Return the physical ids of the deployed resources of a type."""
    pages = existing.rights.client("cloudformation").get_paginator("list_stack_resources")
    found = [
        one["PhysicalResourceId"]
        for page in pages.paginate(StackName=existing.stack.address.stack)
        for one in page["StackResourceSummaries"]
        if one["ResourceType"] == kind
    ]
    assert found
    return found


def test_deployed_queues_and_logs_are_encrypted_with_the_key(existing: ExistingBucket) -> None:
    logs = existing.rights.client("logs")
    queues = [
        existing.stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        for url in resources_of(existing, "AWS::SQS::Queue")
    ]
    groups = [
        logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
        for name in resources_of(existing, "AWS::Logs::LogGroup")
    ]

    assert {one["KmsMasterKeyId"] for one in queues} == {KEY}
    assert {one["kmsKeyId"] for one in groups} == {KEY}


def test_undoing_restores_the_notifications(existing: ExistingBucket) -> None:
    run("adopt", BUCKET, "--undo", "--yes")
    undone = notifications_of(existing.stack.s3, BUCKET)
    run("adopt", BUCKET, "--yes")

    assert undone == existing.notifications


def test_s3_takes_a_notification_and_its_removal(existing: ExistingBucket) -> None:
    bucket = BucketNotifications(existing.stack.s3, BUCKET)
    queue = f"arn:aws:sqs:{existing.stack.address.region}:000000000000:of-others"
    adopter = Adopter("another", queue, "in/", (".jpg", ".png"))
    before = bucket.read()

    bucket.change(adoption(adopter, before, switched_on=False), before)
    during = bucket.read()
    bucket.change(release(adopter, during, switched_on=False), during)

    ours = [rule for rule in during.rules if adopter.owns(rule)]
    assert [(rule.suffix, rule.events) for rule in ours] == [(".jpg", EVENTS), (".png", EVENTS)]
    assert bucket.read() == before


def _listed(value: Any) -> list[Any]:  # noqa: ANN401  # IAM allows one value or a list
    return value if isinstance(value, list) else [value]
