# ruff: noqa: INP001 - scripts, not a package
"""Make a stack of the buckets and the table that a deleted stack has left behind.

import_kept.py TEMPLATE SAMCONFIG STAGE LOGICAL_ID=NAME...

CloudFormation imports the named resources into a new stack, which gets the name of the stage. Then
`make deploy` updates this stack: it adds all other resources, and sets the properties of these.
"""

import json
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError
from mypy_boto3_cloudformation.client import CloudFormationClient
from mypy_boto3_cloudformation.type_defs import ResourceToImportTypeDef, WaiterConfigTypeDef
from mypy_boto3_dynamodb.client import DynamoDBClient

from imagemill.errors import SetupFailed
from imagemill.local.template import Template, load_template
from imagemill.operations.stages import deploy_options

_CHANGE_SET = "import-kept"
# Two seconds between requests, ten minutes at most.
_WAIT: WaiterConfigTypeDef = {"Delay": 2, "MaxAttempts": 300}
# The property that identifies a resource, by its type.
_IDENTIFIERS = {"AWS::S3::Bucket": "BucketName", "AWS::DynamoDB::Table": "TableName"}
_IF = "Fn::If"
_FIRST_INDEX = "feed"
_KEPT_ATTRIBUTES = ("Type", "DeletionPolicy", "UpdateReplacePolicy")


@dataclass(frozen=True)
class Import:
    """A template of the resources to import, and their names, as CloudFormation takes them."""

    template: str
    resources: Sequence[ResourceToImportTypeDef]


def plan_import(
    template: Template, names: Mapping[str, str], indexes: Collection[str] = ()
) -> Import:
    """Return the import of resources by logical id; raises ValueError with all wrong ids.

    `indexes` are those that the table has.
    """
    declared = template["Resources"]
    retained = {name for name, one in declared.items() if "DeletionPolicy" in one}
    if wrong := names.keys() - retained:
        raise ValueError(
            f"expected some of {', '.join(sorted(retained))}, got {', '.join(sorted(wrong))}"
        )
    parts = {name: _without_settings(declared[name], indexes) for name in names}
    return Import(
        json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": parts}),
        [_resource(name, parts[name]["Type"], names[name]) for name in names],
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
    """Return a value, or what it is if its condition holds."""
    chosen: Mapping[str, Any] = value[_IF][1] if _IF in value else value
    return chosen


def _refers(value: object) -> bool:
    """Return whether a property refers to parameters or resources, which the import has not."""
    text = json.dumps(value)
    return '"Ref"' in text or '"Fn::' in text


def _resource(logical_id: str, kind: str, name: str) -> ResourceToImportTypeDef:
    return {
        "ResourceType": kind,
        "LogicalResourceId": logical_id,
        "ResourceIdentifier": {_IDENTIFIERS[kind]: name},
    }


def import_kept(client: CloudFormationClient, stack: str, planned: Import) -> None:
    """Create a stack of existing resources and wait for it; raises ValueError with the reason."""
    client.create_change_set(
        StackName=stack,
        ChangeSetName=_CHANGE_SET,
        ChangeSetType="IMPORT",
        TemplateBody=planned.template,
        ResourcesToImport=planned.resources,
    )
    try:
        client.get_waiter("change_set_create_complete").wait(
            StackName=stack, ChangeSetName=_CHANGE_SET, WaiterConfig=_WAIT
        )
        client.execute_change_set(StackName=stack, ChangeSetName=_CHANGE_SET)
        client.get_waiter("stack_import_complete").wait(StackName=stack, WaiterConfig=_WAIT)
    except WaiterError as fault:
        raise ValueError(fault.last_response.get("StatusReason", str(fault))) from fault


def indexes_of(client: DynamoDBClient, table: str) -> Collection[str]:
    """Return the names of a table's indexes; none without a table."""
    if not table:
        return ()
    described = client.describe_table(TableName=table)["Table"]
    return [one["IndexName"] for one in described.get("GlobalSecondaryIndexes", [])]


def main(template: str, samconfig: str, stage: str, *pairs: str) -> None:
    """Import the resources into the stack of a stage."""
    options = deploy_options(Path(samconfig).read_text(), stage)
    if "stack_name" not in options:
        raise ValueError(f"{samconfig} has no stage {stage!r} with a stack_name")
    names = dict(pair.split("=", 1) for pair in pairs)
    session = boto3.Session(profile_name=options.get("profile"), region_name=options.get("region"))
    indexes = indexes_of(session.client("dynamodb"), names.get("RecordsTable", ""))
    planned = plan_import(load_template(Path(template)), names, indexes)
    import_kept(session.client("cloudformation"), options["stack_name"], planned)
    print(f"imported {', '.join(names)} into {options['stack_name']}; now run make deploy")  # noqa: T201 - the output of a command


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (OSError, ValueError, SetupFailed, BotoCoreError, ClientError) as fault:
        sys.exit(str(fault))
