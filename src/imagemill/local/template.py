"""The stack's template, read and fitted to the embedded AWS."""

import json
from pathlib import Path
from typing import Any

import yaml

from imagemill.errors import SetupFailed
from imagemill.local.gateway import gateway_responses

Template = dict[str, Any]
BATCH_SIZE = 3
"""Messages that one invocation takes here: small batches allow a short time-out."""
TIMEOUT_S = 40
"""Time-out of the resizer here: a batch whose images all hang still ends in time, at 11 s each."""
RETRY_S = TIMEOUT_S + 20
"""Seconds until a message that was not worked comes again. It is longer than a worker may run, cold
start included, so that no message has two workers; AWS advises six times the time-out, which would
be twelve minutes with the template's own."""
_SHORT_NAMES = {"Ref": "Ref", "Condition": "Condition"}


def template_path() -> Path:
    """Return where `template.yaml` is: beside this package's source, or inside the package."""
    package = Path(__file__).parents[1]
    for place in (package.parents[1] / "template.yaml", package / "template.yaml"):
        if place.is_file():
            return place
    raise SetupFailed("template.yaml is missing; reinstall imagemill or run it from its checkout")


def load_template(path: Path) -> Template:
    """Read a CloudFormation template; raises SetupFailed with the line that is wrong."""
    try:
        loaded = yaml.load(path.read_text(), _CloudFormationLoader)  # noqa: S506  # a SafeLoader
    except yaml.YAMLError as fault:
        raise SetupFailed(f"{path.name} is broken: {_one_line(fault)}") from fault
    if not isinstance(loaded, dict) or "Resources" not in loaded:
        raise SetupFailed(f"{path.name} is broken: expected a CloudFormation template")
    return loaded


def fit_to_emulator(template: Template, code: dict[str, str], numbers: dict[str, int]) -> str:
    """Return the template as JSON, the functions' code taken from a bucket as `sam package` does.

    `code` is {Bucket, Key}; by its key SnapStart knows it. `numbers` are the values of number
    parameters that stand inside an event source, where the embedded AWS would leave them as text.
    Batches are small and time-outs short, so that a message is tried again after a minute.
    Alarms that compute are left out, and out of the dashboard: it knows only those of one metric.
    """
    template = json.loads(_without_computing_alarms(template))
    template["Globals"]["Function"].pop("CodeUri")
    template["Mappings"]["Build"]["SnapStart"]["true"] = code["Key"]
    for name, resource in list(template["Resources"].items()):
        if resource["Type"] == "AWS::Serverless::Api":
            template["Resources"] |= gateway_responses(name, resource)
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            resource["Properties"] = _with_numbers(resource["Properties"], numbers)
            resource["Properties"]["BatchSize"] = BATCH_SIZE
    template["Resources"]["ResizeImageFunction"]["Properties"]["Timeout"] = TIMEOUT_S
    return json.dumps(template)


def _without_computing_alarms(template: Template) -> str:
    resources = template["Resources"]
    computing = [name for name, one in resources.items() if "Metrics" in one.get("Properties", {})]
    kept = {name: one for name, one in resources.items() if name not in computing}
    text = json.dumps(template | {"Resources": kept})
    for name in computing:
        text = text.replace(f"${{{name}.Arn}}", f"{name} is on AWS alone")
    return text


def _with_numbers(value: Any, numbers: dict[str, int]) -> Any:  # noqa: ANN401  # any JSON
    match value:
        case {"Ref": str(name)} if name in numbers:
            return numbers[name]
        case dict():
            return {key: _with_numbers(inner, numbers) for key, inner in value.items()}
        case list():
            return [_with_numbers(inner, numbers) for inner in value]
        case _:
            return value


class _CloudFormationLoader(yaml.SafeLoader):
    """Reads the short forms of intrinsic functions: `!Sub x` as {"Fn::Sub": "x"}."""


def _intrinsic(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if name == "GetAtt":
            value = str(value).split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]  # the third kind
    return {_SHORT_NAMES.get(name, f"Fn::{name}"): value}


_CloudFormationLoader.add_multi_constructor("!", _intrinsic)


def _one_line(fault: yaml.YAMLError) -> str:
    return " ".join(str(fault).split())
