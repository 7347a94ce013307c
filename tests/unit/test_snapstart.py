"""SnapStart in the template, as SAM makes CloudFormation's of it: off by default, right if on."""

import json
import re
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from fakes.cloudformation import (
    NO_VALUE,
    ResolvedTemplate,
    parameters_of,
    sam_transformed,
    sub_variables,
)

from imagemill.local.template import load_template, template_path

SOURCE = load_template(template_path())
PARAMETERS: dict[str, dict[str, Any]] = SOURCE["Parameters"]
DEFAULTS = {name: str(one["Default"]) for name, one in PARAMETERS.items()}
BUILD = "0123456789abcdef"
LONGEST_DESCRIPTION = 256
"""Source: "PublishVersion" in the AWS Lambda API Reference."""
LONGEST_RECIPE = 160
"""As docs/deploying.md promises it, where all else is at its longest and the bus is the default."""
UNBOUNDED = {"MaxPixels": "1000000000", "MaxFrames": "10000", "DebugSampleRate": "0.05"}
"""Of parameters without a greatest value, a long one."""


TEMPLATE = sam_transformed(SOURCE)
TEMPLATE["Mappings"]["Build"]["SnapStart"]["true"] = BUILD
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
FUNCTION = RESOURCES["ResizeImageFunction"]["Properties"]
VERSION = RESOURCES["ResizeImageVersion"]["Properties"]
ENVIRONMENT = FUNCTION["Environment"]["Variables"]
TEXT, BINDINGS = VERSION["Description"]["Fn::Sub"]


def deployed(**parameters: str) -> dict[str, dict[str, Any]]:
    """Return the resources that there are with these parameters."""
    return ResolvedTemplate(TEMPLATE, DEFAULTS | parameters).resources()


def lambdas(resources: dict[str, dict[str, Any]]) -> set[str]:
    return {one["Type"] for one in resources.values() if one["Type"].startswith("AWS::Lambda::")}


def test_off_there_is_one_function_that_takes_the_events_and_nothing_else_of_it() -> None:
    resources = deployed()

    assert lambdas(resources) == {
        "AWS::Lambda::Function",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Permission",
    }
    assert "SnapStart" not in resources["ResizeImageFunction"]["Properties"]
    assert "SNAPSHOT" not in json.dumps(resources)
    assert resources["ResizeImageFunctionUploads"] == {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "EventSourceArn": {"Fn::GetAtt": ["UploadsQueue", "Arn"]},
            "FunctionName": {"Ref": "ResizeImageFunction"},
            "BatchSize": 10,
            "MaximumBatchingWindowInSeconds": 0,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": DEFAULTS["MaxConcurrency"]},
        },
    }


def test_on_the_events_go_to_an_alias_of_a_version_that_has_a_snapshot() -> None:
    resources = deployed(SnapStart="true")

    properties = {name: one["Properties"] for name, one in resources.items()}
    assert properties["ResizeImageFunction"]["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert properties["ResizeImageVersion"]["FunctionName"] == {"Ref": "ResizeImageFunction"}
    alias = properties["ResizeImageAlias"]
    assert alias["FunctionName"] == {"Ref": "ResizeImageFunction"}
    assert alias["FunctionVersion"] == {"Fn::GetAtt": ["ResizeImageVersion", "Version"]}
    mapping = properties["ResizeImageFunctionUploads"]
    assert mapping["FunctionName"] == {"Ref": "ResizeImageAlias"}


def test_on_nothing_else_differs_from_off() -> None:
    off, on = deployed(), deployed(SnapStart="true")

    assert on.keys() - off.keys() == {"ResizeImageVersion", "ResizeImageAlias"}
    assert {name for name, one in off.items() if on[name] != one} == {
        "ResizeImageFunction",
        "ResizeImageFunctionUploads",
    }
    added = on["ResizeImageFunction"]["Properties"]
    del added["SnapStart"], added["Environment"]["Variables"]["IMAGEMILL_SNAPSHOT_OF"]
    assert added == off["ResizeImageFunction"]["Properties"]


def test_a_change_of_any_parameter_that_the_function_takes_makes_another_version() -> None:
    function = json.loads(json.dumps(FUNCTION))
    del function["Environment"]["Variables"]["IMAGEMILL_SNAPSHOT_OF"]

    taken = set(parameters_of(TEMPLATE, function)) - {"SnapStart"}

    assert {"Recipe", "MaxBytes", "MemorySize", "Tracing", "Watch"} < taken
    assert set(sub_variables(TEXT)) - BINDINGS.keys() == taken


def test_cloudformation_replaces_a_version_of_another_description_and_moves_the_events() -> None:
    version, mapping = (
        PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", f"AWS::Lambda::{kind}").schema
        for kind in ("Version", "EventSourceMapping")
    )

    assert "/properties/Description" in version["createOnlyProperties"]
    assert version["properties"]["Description"]["maxLength"] == LONGEST_DESCRIPTION
    assert "/properties/FunctionName" not in mapping["createOnlyProperties"]


def test_a_change_of_the_build_makes_another_version() -> None:
    description = deployed(SnapStart="true")["ResizeImageVersion"]["Properties"]["Description"]

    assert description.split() == [
        BUILD,
        *(DEFAULTS[name] for name in sub_variables(TEXT)[1:]),
    ]


def test_where_a_version_is_to_be_another_the_function_is_another_too() -> None:
    assert ENVIRONMENT["IMAGEMILL_SNAPSHOT_OF"] == {
        "Fn::If": ["WithSnapStart", VERSION["Description"], NO_VALUE]
    }


def test_different_parameters_never_read_alike() -> None:
    *early, last = sub_variables(TEXT)

    with_spaces = [name for name in early if name != "Build" and not is_one_word(PARAMETERS[name])]

    assert with_spaces == []
    assert last == "Recipe"
    assert re.sub(r"\$\{\w+\}", "", TEXT).strip(" ") == ""


def is_one_word(parameter: dict[str, Any]) -> bool:
    """Whether no value of the parameter can have a space in it."""
    if parameter["Type"] == "Number":
        return True
    if "AllowedValues" in parameter:
        return not any(" " in str(value) for value in parameter["AllowedValues"])
    return not re.fullmatch(parameter.get("AllowedPattern", ".*"), "a b")


def test_there_is_room_for_a_long_recipe() -> None:
    longest = {
        name: max((str(value) for value in one.get("AllowedValues", [])), key=len)
        if "AllowedValues" in one
        else str(one.get("MaxValue", DEFAULTS[name]))
        for name, one in PARAMETERS.items()
    }
    recipe = "x" * LONGEST_RECIPE

    resources = deployed(**longest | UNBOUNDED | {"SnapStart": "true", "Recipe": recipe})

    description = resources["ResizeImageVersion"]["Properties"]["Description"]
    assert len(description) <= LONGEST_DESCRIPTION


def test_what_was_not_built_by_us_cannot_be_deployed_with_it() -> None:
    assert SOURCE["Mappings"]["Build"]["SnapStart"].keys() == {"false"}
    assert BINDINGS == {"Build": {"Fn::FindInMap": ["Build", "SnapStart", {"Ref": "SnapStart"}]}}


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [
        (FUNCTION["Runtime"], "python3.13"),  # 3.12 or newer
        (FUNCTION.get("EphemeralStorage"), None),  # 512 MB at most
        (FUNCTION.get("FileSystemConfigs"), None),
        (FUNCTION.get("PackageType", "Zip"), "Zip"),
        (RESOURCES["ResizeImageAlias"]["Properties"].get("ProvisionedConcurrencyConfig"), None),
    ],
)
def test_the_function_is_one_that_lambda_takes_snapshots_of(setting: object, allowed: str) -> None:
    assert setting == allowed
