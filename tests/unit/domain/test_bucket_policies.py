"""Statements for policies that a stack does not write."""

from typing import Any

from fakes.template import read_template

from imagemill.domain.bucket_policies import (
    PolicyContext,
    Roles,
    key_statements,
    originals_statements,
    processed_statements,
)

RESOURCES = read_template()["Resources"]
ROLES = Roles("arn:resize", "arn:api", "arn:backfill", "arn:transform")
HERE = PolicyContext("aws", "eu-west-1", "123456789012", "123456789012", "arn:distribution")


def by_sid(statements: list[Any]) -> dict[str, Any]:
    """Return statements by Sid; those of the template without their conditions."""
    plain = [one["Fn::If"][1] if "Fn::If" in one else one for one in statements]
    return {one["Sid"]: one for one in plain}


[WRITES] = [
    statement["Fn::If"][1]["Action"]
    for statement in RESOURCES["ApiImageUploadRole"]["Properties"]["Policies"][0]["PolicyDocument"][
        "Statement"
    ]
    if "Fn::If" in statement and statement["Fn::If"][1]["Sid"] == "TakeAndDeleteUploads"
]


def test_a_bucket_of_another_account_permits_what_the_roles_may_do() -> None:
    found = by_sid(originals_statements("photos", "in/", ROLES, "aws", may_write=True))

    assert {sid: (one["Action"], one["Resource"]) for sid, one in found.items()} == {
        "ImagemillReads": (["s3:GetObject", "s3:GetObjectVersion"], "arn:aws:s3:::photos/in/*"),
        "ImagemillLists": (["s3:ListBucket"], "arn:aws:s3:::photos"),
        "ImagemillWrites": (WRITES, "arn:aws:s3:::photos/in/*"),
    }
    assert found["ImagemillWrites"]["Principal"] == {"AWS": ["arn:api"]}
    assert "arn:backfill" not in found["ImagemillReads"]["Principal"]["AWS"]


def test_a_bucket_that_is_only_read_permits_no_writes() -> None:
    found = by_sid(originals_statements("photos", "", ROLES, "aws", may_write=False))

    assert found.keys() == {"ImagemillReads", "ImagemillLists"}


def test_the_statements_for_renditions_are_those_of_the_template() -> None:
    policy = RESOURCES["ProcessedBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    ours, theirs = by_sid(processed_statements("small", ROLES, HERE)), by_sid(policy)

    # A stack with buckets of others archives no originals.
    assert ours.keys() == theirs.keys() - {"RefuseWithoutTls", "HideUnpackedOriginals"}
    for sid, statement in ours.items():
        named = ("Effect", "Principal", "Action")
        assert [statement[name] for name in named] == [theirs[sid][name] for name in named]
        assert statement["Condition"].keys() == theirs[sid]["Condition"].keys()


def test_a_key_permits_s3_for_the_owner_of_the_bucket_and_eventbridge_for_the_stack() -> None:
    context = PolicyContext("aws", "eu-west-1", "123456789012", "210987654321")

    found = by_sid(key_statements(ROLES, context))

    accounts = {
        sid: found[sid]["Condition"]["StringEquals"]["aws:SourceAccount"]
        for sid in ("S3SendsEvents", "EventBridgeSendsEvents")
    }
    assert accounts == {"S3SendsEvents": "210987654321", "EventBridgeSendsEvents": "123456789012"}


def test_without_a_gallery_no_distribution_may_read() -> None:
    context = PolicyContext("aws", "eu-west-1", "123456789012", "123456789012")

    assert by_sid(processed_statements("small", ROLES, context)).keys() == {
        "HideMarkersOfRemovedRenditions"
    }
    assert "CloudFrontReads" not in by_sid(key_statements(ROLES, context))


def test_a_key_permits_the_rights_that_the_roles_have_and_the_services() -> None:
    [granted] = {
        tuple(statement["Fn::If"][1]["Action"])
        for role in ("ResizeImageRole", "TransformRole", "ApiImageUploadRole", "BackfillRole")
        for policy in RESOURCES[role]["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement.get("Fn::If", ["", {}])[0] == "WithKey"
    }

    found = by_sid(key_statements(ROLES, HERE))

    assert tuple(found["ImagemillUsesKey"]["Action"]) == granted
    assert {one["Principal"].get("Service") for one in found.values()} == {
        None,
        "s3.amazonaws.com",
        "events.amazonaws.com",
        "logs.eu-west-1.amazonaws.com",
        "cloudfront.amazonaws.com",
    }
