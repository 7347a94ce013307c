"""The template names no partition, and leaves out what a partition or an account does not have."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session
from fakes.cloudformation import references, resources

TEMPLATE = (Path(__file__).parents[3] / "template.yaml").read_text()
PARTITIONS = sorted({*get_session().get_available_partitions()} - {"aws"})


def kinds(made: dict[str, Any]) -> set[str]:
    return {one["Type"] for one in made.values()}


def test_every_arn_has_the_partition_of_the_stack() -> None:
    arns = [line.strip() for line in TEMPLATE.splitlines() if "arn:" in line]

    others = [line for line in arns if "arn:${AWS::Partition}:" not in line]
    assert [line.partition(":")[0] for line in others] == ["AllowedPattern"] * 5


def test_every_url_has_the_dns_suffix_of_the_partition() -> None:
    hosts = re.findall(r"[\w.${}:]*amazonaws[\w.]*", TEMPLATE)

    # The names of service principals are the same in all partitions.
    principals = {"apigateway", "cloudfront", "events", "lambda", "s3", "states"}
    assert set(hosts) == {f"{name}.amazonaws.com" for name in principals}


@pytest.mark.parametrize("partition", PARTITIONS)
def test_a_partition_without_cloudfront_gets_the_pipeline_and_the_api(partition: str) -> None:
    made = resources(partition)

    assert not [kind for kind in kinds(made) if "CloudFront" in kind]
    assert "AWS::Lambda::Url" not in kinds(made)
    assert "cloudfront.amazonaws.com" not in json.dumps(made)
    assert {"ResizeImageFunction", "ImagesApi", "BackfillStateMachine"} <= made.keys()


def test_without_the_gallery_nothing_belongs_to_cloudfront() -> None:
    made = resources(Gallery="false")

    assert made.keys() == resources("aws-us-gov").keys()
    assert "cloudfront" not in json.dumps(made).lower()


def test_a_region_without_function_urls_gets_the_gallery_alone() -> None:
    made = resources(region="eu-south-2")

    assert "GalleryDistribution" in made
    assert "AWS::Lambda::Url" not in kinds(made)
    assert "RouteImgix" not in made


def test_no_concurrency_is_reserved_for_a_function_that_nothing_calls() -> None:
    reserved = [
        resources(**given, TransformConcurrency="50")["TransformFunction"]["Properties"].get(
            "ReservedConcurrentExecutions"
        )
        for given in ({}, {"Gallery": "false"})
    ]

    assert reserved == ["50", {"Ref": "AWS::NoValue"}]


@pytest.mark.parametrize(
    ("partition", "region", "gallery", "on_request"),
    [
        ("aws", "eu-central-1", "true", "true"),
        ("aws", "eu-central-1", "true", "false"),
        ("aws", "eu-central-1", "false", "true"),
        ("aws", "eu-central-1", "false", "false"),
        ("aws", "eu-south-2", "true", "true"),
        ("aws-us-gov", "us-gov-west-1", "true", "true"),
    ],
)
def test_no_resource_refers_to_one_that_is_left_out(
    partition: str, region: str, gallery: str, on_request: str
) -> None:
    made = resources(partition, region, Gallery=gallery, OnRequest=on_request)

    assert {name for name in references(made) if "AWS" not in name} <= made.keys()


def test_the_names_of_cloudfront_have_64_characters_at_most() -> None:
    stack, longest_region = "s" * 39, "ap-southeast-1"
    names = re.findall(r'Name: !Sub "(\$\{AWS::StackName\}-\$\{AWS::Region\}[\w-]*)"', TEMPLATE)

    full = [
        name.replace("${AWS::StackName}", stack).replace("${AWS::Region}", longest_region)
        for name in names
    ]
    assert max(map(len, full)) == 64
