"""The template keeps the names of the last released template: docs/upgrading.md."""

from pathlib import Path

import pytest
from fakes.template import read_template

from imagemill.local.template import load_template

RELEASED = load_template(Path(__file__).parents[2] / "deploy/released/template.yaml")
TODAY = read_template()
WITH_DATA = {
    "OriginalsBucket",
    "ProcessedBucket",
    "SiteBucket",
    "BackfillResultsBucket",
    "RecordsTable",
}


@pytest.mark.parametrize("part", ["Parameters", "Resources", "Outputs"])
def test_no_released_name_is_removed(part: str) -> None:
    assert RELEASED[part].keys() - TODAY[part].keys() == set()


@pytest.mark.parametrize("name", RELEASED["Resources"])
def test_a_released_resource_keeps_its_type(name: str) -> None:
    assert TODAY["Resources"][name]["Type"] == RELEASED["Resources"][name]["Type"]


@pytest.mark.parametrize("name", WITH_DATA)
def test_resources_with_images_or_records_are_retained(name: str) -> None:
    resource = TODAY["Resources"][name]

    # "ExceptOnCreate": a first install that fails leaves nothing behind.
    policies = (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
    assert policies == ("RetainExceptOnCreate", "Retain")


def test_every_bucket_is_retained() -> None:
    buckets = {n for n, r in TODAY["Resources"].items() if r["Type"] == "AWS::S3::Bucket"}

    assert buckets <= WITH_DATA
