"""What the last released template promised, today's keeps: docs/upgrading.md."""

from pathlib import Path

import pytest

from imagemill.local.template import load_template, template_path

RELEASED = load_template(Path(__file__).parents[2] / "deploy/released/template.yaml")
TODAY = load_template(template_path())
HOLDING = {"OriginalsBucket", "ProcessedBucket", "SiteBucket", "RecordsTable"}


@pytest.mark.parametrize("part", ["Parameters", "Resources", "Outputs"])
def test_no_name_that_was_released_is_gone(part: str) -> None:
    assert RELEASED[part].keys() - TODAY[part].keys() == set()


@pytest.mark.parametrize("name", RELEASED["Resources"])
def test_what_was_released_as_one_kind_of_resource_is_still_that(name: str) -> None:
    assert TODAY["Resources"][name]["Type"] == RELEASED["Resources"][name]["Type"]


@pytest.mark.parametrize("name", HOLDING)
def test_what_holds_images_or_records_outlives_the_stack(name: str) -> None:
    resource = TODAY["Resources"][name]

    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_every_bucket_holds_something() -> None:
    buckets = {n for n, r in TODAY["Resources"].items() if r["Type"] == "AWS::S3::Bucket"}

    assert buckets <= HOLDING
