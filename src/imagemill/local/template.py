"""Read the template, and adapt it to the embedded AWS."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

try:
    # libyaml reads the template in a seventh of the time; a build of PyYAML may lack it.
    from yaml import CSafeLoader as _SafeLoader
except ImportError:
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

from imagemill.errors import SetupFailed
from imagemill.local.cloudfront import CDN_HERE
from imagemill.local.gateway import gateway_responses
from imagemill.wiring.shipped_files import shipped_path

Template = dict[str, Any]
# Messages per invocation on the embedded AWS; small batches allow a short time-out.
BATCH_SIZE = 3
# Time-out of ResizeImageFunction here, in seconds: three images that all hang take 11 s each.
TIMEOUT_S = 40
# Seconds until a failed message is delivered again. It is longer than an invocation with a cold
# start, so that no message has two workers. AWS advises six times the time-out; with the time-out
# of the template, that would be twelve minutes.
RETRY_S = TIMEOUT_S + 20
_SHORT_NAMES = {"Ref": "Ref", "Condition": "Condition"}


def template_path() -> Path:
    """Return the path of `template.yaml`."""
    return shipped_path("template.yaml")


def load_template(path: Path) -> Template:
    """Read a CloudFormation template; raises SetupFailed with the number of a wrong line."""
    try:
        loaded = yaml.load(path.read_text(), _CloudFormationLoader)  # noqa: S506  # a SafeLoader
    except yaml.YAMLError as fault:
        raise SetupFailed(f"{path.name} is not valid: {_one_line(fault)}") from fault
    if not isinstance(loaded, dict) or "Resources" not in loaded:
        raise SetupFailed(f"{path.name} is not valid: expected a CloudFormation template")
    return loaded


def fit_to_emulator(
    template: Template, code: dict[str, str], numbers: dict[str, int], endpoint: str
) -> str:
    """Return the template as JSON for the embedded AWS; the functions' code is in a bucket.

    `code` is {Bucket, Key}. `numbers` are the values of number parameters, because the embedded AWS
    leaves a Ref in an event source as text. Batches are small and time-outs short, so that a
    message is retried after a minute. Alarms on metric math are removed, also from the dashboard:
    the embedded AWS supports only alarms of one metric.
    """
    template = json.loads(_without_computing_alarms(template))
    template["Globals"]["Function"].pop("CodeUri")
    for name, resource in list(template["Resources"].items()):
        if resource["Type"] == "AWS::Serverless::Api":
            template["Resources"] |= gateway_responses(name, resource)
            resource["Properties"] = _with_local_site(resource["Properties"], endpoint)
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            resource["Properties"] = _with_numbers(resource["Properties"], numbers)
            resource["Properties"]["BatchSize"] = BATCH_SIZE
    template["Resources"]["ResizeImageFunction"]["Properties"]["Timeout"] = TIMEOUT_S
    template["Parameters"] = parameters_here(template["Parameters"])
    return json.dumps(template)


def parameters_here(declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a template with the values that they may have on this machine."""
    retry, url = declared["RetrySeconds"], declared["WebhookUrl"]
    # The server of a developer is on this machine, without a certificate.
    pattern = url["AllowedPattern"].replace("https://", "https?://", 1)
    return {
        **declared,
        # The time-out is shorter than on AWS.
        "RetrySeconds": retry | {"MinValue": 1},
        "WebhookUrl": url | {"AllowedPattern": pattern},
    }


def _without_computing_alarms(template: Template) -> str:
    resources = template["Resources"]
    computing = [name for name, one in resources.items() if "Metrics" in one.get("Properties", {})]
    kept = {name: one for name, one in resources.items() if name not in computing}
    text = json.dumps(template | {"Resources": kept})
    for name in computing:
        text = text.replace(f"${{{name}.Arn}}", f"{name} is on AWS alone")
    return text


def _with_local_site(value: Any, endpoint: str) -> Any:  # noqa: ANN401  # any JSON
    """Return a value in which the URL of the distribution is that of the embedded AWS.

    A domain of your own leads to AWS, so it is replaced, too.
    """
    domain = {"Fn::GetAtt": ["GalleryDistribution", "DomainName"]}
    label = {"Fn::Select": [0, {"Fn::Split": [".", domain]}]}
    scheme, _, host = endpoint.partition("://")
    port = host.rpartition(":")[2]
    here = {"Fn::Join": ["", [f"{scheme}://", label, f"{CDN_HERE}:{port}"]]}
    there = {"Fn::Sub": "https://${GalleryDistribution.DomainName}"}
    own = {"Fn::Sub": "https://${DomainName}"}
    return _replaced(value, lambda found: here if found in (there, own) else None)


def _with_numbers(value: Any, numbers: dict[str, int]) -> Any:  # noqa: ANN401  # any JSON
    return _replaced(value, lambda found: numbers.get(found.get("Ref", "")))


def _replaced(value: Any, replacement: Callable[[Template], object]) -> Any:  # noqa: ANN401  # any JSON
    """Return a value with other parts for the objects that have a replacement other than None."""
    match value:
        case dict():
            found = replacement(value)
            if found is not None:
                return found
            return {key: _replaced(inner, replacement) for key, inner in value.items()}
        case list():
            return [_replaced(inner, replacement) for inner in value]
        case _:
            return value


class _CloudFormationLoader(_SafeLoader):
    """Reads the short forms of intrinsic functions: `!Sub x` as {"Fn::Sub": "x"}."""


def _intrinsic(loader: _SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
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
