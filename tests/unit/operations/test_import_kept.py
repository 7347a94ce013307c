"""Buckets and the table of a deleted stack are imported into a new one."""

import json

import pytest
from fakes.template import read_template

from imagemill.errors import UsageInvalid
from imagemill.operations.import_kept import plan_import

TEMPLATE = read_template()
NAMES = {"OriginalsBucket": "mill-originals-1", "RecordsTable": "mill-records-1"}


def test_a_resource_is_identified_by_its_name() -> None:
    planned = plan_import(TEMPLATE, NAMES)

    assert [(one.identifier, one.name) for one in planned.resources] == [
        ("BucketName", "mill-originals-1"),
        ("TableName", "mill-records-1"),
    ]


def test_the_template_of_the_import_has_these_resources_alone_and_retains_them() -> None:
    resources = json.loads(plan_import(TEMPLATE, NAMES).template)["Resources"]

    assert resources.keys() == NAMES.keys()
    assert {one["DeletionPolicy"] for one in resources.values()} == {"RetainExceptOnCreate"}


def test_the_next_update_sets_all_properties_of_a_bucket_and_none_of_the_table() -> None:
    resources = json.loads(plan_import(TEMPLATE, NAMES).template)["Resources"]

    table = resources["RecordsTable"]["Properties"]
    declared = TEMPLATE["Resources"]["RecordsTable"]["Properties"]
    assert resources["OriginalsBucket"]["Properties"] == {}
    assert declared.keys() - table.keys() == {"SSESpecification"}
    assert table["TimeToLiveSpecification"] == declared["TimeToLiveSpecification"]
    assert [one["IndexName"] for one in table["GlobalSecondaryIndexes"]] == ["feed"]


def test_a_table_is_imported_with_the_indexes_that_it_has_and_their_keys() -> None:
    tables = [
        json.loads(plan_import(TEMPLATE, NAMES, indexes).template)["Resources"]["RecordsTable"]
        for indexes in (["feed"], ["feed", "names", "owners"])
    ]

    found = [table["Properties"] for table in tables]
    assert [len(one["GlobalSecondaryIndexes"]) for one in found] == [1, 3]
    assert [
        [attribute["AttributeName"] for attribute in one["AttributeDefinitions"]] for one in found
    ] == [["id", "feed", "feed_at"], ["id", "feed", "feed_at", "filename", "owner"]]


def test_a_property_that_refers_to_a_parameter_is_left_to_the_update() -> None:
    table = TEMPLATE["Resources"]["RecordsTable"]
    encrypted = table["Properties"] | {"SSESpecification": {"KMSMasterKeyId": {"Ref": "Key"}}}
    template = {"Resources": {"RecordsTable": table | {"Properties": encrypted}}}

    planned = plan_import(template, {"RecordsTable": "mill-records-1"})

    imported = json.loads(planned.template)["Resources"]["RecordsTable"]["Properties"]
    assert "SSESpecification" not in imported
    assert imported["KeySchema"] == table["Properties"]["KeySchema"]


def test_a_resource_that_is_not_retained_is_refused() -> None:
    with pytest.raises(UsageInvalid, match="RecordsTable, SiteBucket, got Queue, UploadsQueue"):
        plan_import(TEMPLATE, NAMES | {"UploadsQueue": "u", "Queue": "q"})
