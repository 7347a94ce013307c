"""Parameters for the rules of an organisation apply to every resource that they concern."""

import pytest
from fakes.template import read_template

TEMPLATE = read_template()
RESOURCES = TEMPLATE["Resources"]
KEY = {"Ref": "KmsKeyArn"}
NONE = {"Ref": "AWS::NoValue"}
# Where a resource of a type names the key.
KEYS = {
    "AWS::S3::Bucket": "BucketEncryption",
    "AWS::DynamoDB::Table": "SSESpecification",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::Logs::LogGroup": "KmsKeyId",
}


def of_type(*types: str) -> list[str]:
    return [name for name, one in RESOURCES.items() if one["Type"] in types]


@pytest.mark.parametrize("name", of_type(*KEYS))
def test_every_resource_with_data_is_encrypted_with_the_key(name: str) -> None:
    resource = RESOURCES[name]

    text = str(resource["Properties"][KEYS[resource["Type"]]])

    assert "['WithKey', " in text
    assert str(KEY) in text


@pytest.mark.parametrize("name", of_type("AWS::IAM::Role"))
def test_every_role_has_the_boundary_and_the_path(name: str) -> None:
    role = RESOURCES[name]["Properties"]

    assert role["PermissionsBoundary"] == {
        "Fn::If": ["WithBoundary", {"Ref": "PermissionsBoundary"}, NONE]
    }
    # A path of its own would have CloudFormation replace the roles of every installed stack.
    assert role["Path"] == {"Fn::If": ["WithRolePath", {"Ref": "RolePath"}, NONE]}
    assert TEMPLATE["Conditions"]["WithRolePath"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "RolePath"}, "/"]}]
    }


def test_the_transform_makes_no_role_without_boundary() -> None:
    functions = of_type("AWS::Serverless::Function")

    assert all("Role" in RESOURCES[name]["Properties"] for name in functions)


@pytest.mark.parametrize("bucket", ["OriginalsBucket", "ProcessedBucket"])
def test_an_existing_bucket_gets_neither_settings_nor_a_policy(bucket: str) -> None:
    conditions = {RESOURCES[name]["Condition"] for name in (bucket, f"{bucket}Policy")}

    assert conditions <= {"OwnOriginals", "OwnOriginalsByTlsOnly", "OwnRenditions"}


def test_two_stacks_of_buckets_may_not_be_one() -> None:
    [rule] = TEMPLATE["Rules"]["TwoBuckets"]["Assertions"]

    assert {"Fn::Equals": [{"Ref": "OriginalsBucketName"}, {"Ref": "ProcessedBucketName"}]} in [
        one.get("Fn::Not", [None])[0] for one in rule["Assert"]["Fn::Or"]
    ]
