"""The rules of an organisation, read back from resources that moto has deployed."""

import json
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest
from fakes.template import read_template

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
BOUNDARY = "arn:aws:iam::123456789012:policy/limit"
PARAMETERS = {
    "KmsKeyArn": KEY,
    "PermissionsBoundary": BOUNDARY,
    "RolePath": "/mill/",
    # moto cannot read a list with an item that a condition leaves out.
    "Owners": "true",
}
# Types that moto deploys with these settings. It ignores those of tables and log groups, and bucket
# keys; tests/unit/local/test_organisation.py reads them in the template.
KINDS = {"AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::IAM::Role"}
# What moto imports to check OpenAPI documents, of which this template has none.
VALIDATOR = "openapi_spec_validator"


def template() -> str:
    """Return the template with these resources only, without references to others."""
    whole = read_template()
    kept = {name: one for name, one in whole["Resources"].items() if one["Type"] in KINDS}
    for one in kept.values():
        for part in ("Policies", "NotificationConfiguration"):
            one["Properties"].pop(part, None)
        for part in ("DependsOn", "DeletionPolicy", "UpdateReplacePolicy"):
            one.pop(part, None)
    parts = {name: whole[name] for name in ("Parameters", "Conditions")}
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", **parts, "Resources": kept})


@pytest.fixture(scope="module")
def deployed() -> Iterator[tuple[boto3.Session, list[dict[str, Any]]]]:
    """Deploy the template; return a session, and the summaries of the resources."""
    moto = pytest.importorskip("moto", reason="moto is not installed")
    with pytest.MonkeyPatch.context() as patch, moto.mock_aws():
        for name in ("", ".validation", ".validation.exceptions"):
            patch.setitem(sys.modules, VALIDATOR + name, stub(VALIDATOR + name))
        session = boto3.Session("key", "secret", region_name="us-east-1")
        cloudformation = session.client("cloudformation")
        cloudformation.create_stack(
            StackName="mill",
            TemplateBody=template(),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in PARAMETERS.items()
            ],
        )
        found: Any = cloudformation.list_stack_resources(StackName="mill")
        yield session, found["StackResourceSummaries"]


def stub(name: str) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(__path__=[], validate_spec=None, OpenAPIValidationError=Exception)
    return module


Deployed = tuple[boto3.Session, list[dict[str, Any]]]


def names_of(deployed: Deployed, kind: str) -> list[str]:
    found = [one["PhysicalResourceId"] for one in deployed[1] if one["ResourceType"] == kind]
    assert found
    return found


def test_deployed_buckets_are_encrypted_with_the_key(deployed: Deployed) -> None:
    s3 = deployed[0].client("s3")

    for bucket in names_of(deployed, "AWS::S3::Bucket"):
        found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
        [rule] = found["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"] == {
            "SSEAlgorithm": "aws:kms",
            "KMSMasterKeyID": KEY,
        }


def test_deployed_queues_are_encrypted_with_the_key(deployed: Deployed) -> None:
    sqs = deployed[0].client("sqs")

    for url in names_of(deployed, "AWS::SQS::Queue"):
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert found["KmsMasterKeyId"] == KEY


def test_every_deployed_role_has_the_boundary_and_the_path(deployed: Deployed) -> None:
    iam = deployed[0].client("iam")

    for name in names_of(deployed, "AWS::IAM::Role"):
        role = iam.get_role(RoleName=name)["Role"]
        assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY
        assert role["Path"] == "/mill/"
