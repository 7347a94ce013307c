"""A new stack of the buckets and the table that a deleted stack has left behind.

CloudFormation imports the named resources into the stack. Then an update adds all other resources,
and sets the properties of these.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from imagemill.domain.stack_import import Import, KeptResource
from imagemill.errors import UsageInvalid

# The property that identifies a resource, by its type.
_IDENTIFIERS = {"AWS::S3::Bucket": "BucketName", "AWS::DynamoDB::Table": "TableName"}
_IF = "Fn::If"
_FIRST_INDEX = "feed"
_KEPT_ATTRIBUTES = ("Type", "DeletionPolicy", "UpdateReplacePolicy")


def plan_import(
    template: Mapping[str, Any], names: Mapping[str, str], indexes: Collection[str] = ()
) -> Import:
    """Return the import of resources by logical id; raises UsageInvalid with all wrong ids.

    `indexes` are those that the table has.
    """
    declared = template["Resources"]
    retained = {name for name, one in declared.items() if "DeletionPolicy" in one}
    if wrong := names.keys() - retained:
        raise UsageInvalid(
            f"expected some of {', '.join(sorted(retained))}, got {', '.join(sorted(wrong))}"
        )
    parts = {name: _without_settings(declared[name], indexes) for name in names}
    kinds = {name: part["Type"] for name, part in parts.items()}
    return Import(
        json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": parts}),
        [
            KeptResource(kind, logical_id, _IDENTIFIERS[kind], names[logical_id])
            for logical_id, kind in kinds.items()
        ],
    )


def _without_settings(resource: Mapping[str, Any], indexes: Collection[str]) -> dict[str, Any]:
    """Return a resource without the properties that the next update sets.

    The update changes what differs between the templates. So a bucket is imported without settings,
    and gets all of them again. A table is imported with its indexes and time to live, because
    DynamoDB refuses to add an index or to turn on a time to live a second time.
    """
    is_table = resource["Type"] == "AWS::DynamoDB::Table"
    declared = _as_made(resource["Properties"], indexes) if is_table else {}
    properties = {name: value for name, value in declared.items() if not _refers(value)}
    return {key: resource[key] for key in _KEPT_ATTRIBUTES} | {"Properties": properties}


def _as_made(table: Mapping[str, Any], indexes: Collection[str]) -> dict[str, Any]:
    """Return the properties of a table with the indexes that it has, and their keys."""
    # The table of every version has the listing.
    known = {_FIRST_INDEX, *indexes}
    made = [
        _chosen(one)
        for one in table["GlobalSecondaryIndexes"]
        if _chosen(one)["IndexName"] in known
    ]
    schemas = [table["KeySchema"], *(one["KeySchema"] for one in made)]
    keys = {part["AttributeName"] for schema in schemas for part in schema}
    attributes = [_chosen(one) for one in table["AttributeDefinitions"]]
    return {
        **table,
        "GlobalSecondaryIndexes": made,
        "AttributeDefinitions": [one for one in attributes if one["AttributeName"] in keys],
    }


def _chosen(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a value, or the one that it has if its condition holds."""
    chosen: Mapping[str, Any] = value[_IF][1] if _IF in value else value
    return chosen


def _refers(value: object) -> bool:
    """Return whether a property refers to parameters or resources, which the import has not."""
    text = json.dumps(value)
    return '"Ref"' in text or '"Fn::' in text
