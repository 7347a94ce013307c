"""No resource of the stack depends on itself, after SAM has made several of one.

cfn-lint looks for this too, but before SAM's transform.
"""

from graphlib import CycleError, TopologicalSorter
from typing import Any

import pytest
from fakes.cloudformation import NoPolicies, references
from fakes.template import read_template
from samtranslator.translator.transform import transform


def graph(template: dict[str, Any]) -> dict[str, set[str]]:
    """Return the resources that each resource refers to."""
    resources = template["Resources"]
    return {name: set(references(one)) & resources.keys() for name, one in resources.items()}


def test_no_resource_depends_on_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    template = read_template()
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"

    made = graph(transform(template, {}, NoPolicies()))

    assert made["ImagesApiliveStage"] >= {"ImagesApi", "GalleryDistribution"}
    list(TopologicalSorter(made).static_order())


def test_a_circle_is_found() -> None:
    circle = {"Resources": {"A": {"x": [{"Ref": "B"}]}, "B": {"y": {"Fn::Sub": "arn:${A.Arn}"}}}}

    with pytest.raises(CycleError):
        list(TopologicalSorter(graph(circle)).static_order())
