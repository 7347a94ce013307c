"""Variants of a deployed stack, requested by a visitor over its stores."""

import secrets
from random import Random

import boto3
import pytest
from chaos.visitors import Visitors, variant_of
from fakes.images import jpeg
from fakes.variants import request_of
from live.stack import Stack

from imagemill.aws.stack_outputs import stack_outputs

CANONICAL = "20x.jpg"


@pytest.fixture
def visitors(stack: Stack, session: boto3.Session) -> Visitors:
    endpoint = stack.address.endpoint
    client = session.client("cloudformation", endpoint_url=endpoint)
    table = stack_outputs(client, stack.address.stack)["VariantsTableName"]
    random = Random(1)  # noqa: S311  # not a secret
    return Visitors(stack.address, endpoint, table, list, random, killed=0)


@pytest.fixture
def key() -> str:
    """Return a unique key."""
    return f"{secrets.token_hex(6)}/a.jpg"


def test_an_overwrite_removes_a_variant_and_the_next_visitor_gets_the_new_one(
    stack: Stack, visitors: Visitors, key: str
) -> None:
    request, contents = request_of(key, CANONICAL), [jpeg(60, 40), jpeg(40, 60)]
    stack.wait_until_final(key, stack.put(key, contents[0]))
    first = visitors.get(request)

    stack.wait_until_final(key, stack.put(key, contents[1]))

    assert stack.wait_until_removed(request.key, request.key)
    second = visitors.get(request)
    assert [first, second] == [variant_of(data, CANONICAL) for data in contents]
    assert stack.rendition_keys(request.key) == {request.key}


def test_a_deletion_removes_a_variant_and_the_next_visitor_gets_none(
    stack: Stack, visitors: Visitors, key: str
) -> None:
    request = request_of(key, CANONICAL)
    stack.wait_until_final(key, stack.put(key, jpeg()))
    visitors.get(request)

    stack.s3.delete_object(Bucket=stack.address.originals_bucket, Key=key)
    stack.wait_for_status(key, "deleted")

    assert stack.wait_until_removed(request.key, request.key)
    assert visitors.get(request) is None


def test_a_visitor_who_renders_during_a_deletion_stores_nothing_after_it(
    stack: Stack, visitors: Visitors, key: str
) -> None:
    request = request_of(key, CANONICAL)
    stack.wait_until_final(key, stack.put(key, jpeg()))

    def delete() -> None:
        stack.s3.delete_object(Bucket=stack.address.originals_bucket, Key=key)
        marker = stack.s3.get_waiter("object_exists")
        marker.wait(Bucket=stack.address.processed_bucket, Key=request.key)

    visitors.while_rendering = delete

    assert visitors.get(request) is None
    assert stack.rendition_keys(request.key) == set()
