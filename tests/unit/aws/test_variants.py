"""Requests to the table of variants, and to the bucket with them."""

from typing import Any

import pytest
from fakes.aws_clients import FakeDynamoDB, FakeS3
from fakes.renditions_bucket import BUCKET, refuse
from fakes.variants import request_of

from imagemill.aws.variant_keys import VariantKeys
from imagemill.aws.variant_registry import VariantRegistry
from imagemill.errors import StoreUnavailable, Throttled

NOW_S = 1_777_890_030
SMALL, LARGE = request_of("a.jpg", "20x.jpg"), request_of("a.jpg", "x40_q75.webp")
OTHER = request_of("b.jpg", "20x.jpg")


@pytest.fixture
def dynamodb() -> FakeDynamoDB:
    return FakeDynamoDB()


@pytest.fixture
def registry(dynamodb: FakeDynamoDB) -> VariantRegistry:
    return VariantRegistry(dynamodb, "variants")  # type: ignore[arg-type]  # a fake


def test_an_item_has_a_lease_of_30_seconds_and_expires_after_a_day(
    registry: VariantRegistry, dynamodb: FakeDynamoDB
) -> None:
    registry.acquire(SMALL, "0A", NOW_S)

    assert list(dynamodb.items.values()) == [
        {
            "id": {"S": SMALL.image_id},
            "variant": {"S": "20x.jpg"},
            "sequencer": {"S": "0A"},
            "leased_until": {"N": str(NOW_S + 30)},
            "expires_at": {"N": str(NOW_S + 86_400)},
        }
    ]


def test_a_lost_lease_leaves_the_item_of_the_other_caller(
    registry: VariantRegistry, dynamodb: FakeDynamoDB
) -> None:
    registry.acquire(SMALL, "0A", NOW_S)
    before = dict(dynamodb.items)

    registry.acquire(SMALL, "0A", NOW_S + 10)

    assert dynamodb.items == before


def test_every_page_of_registrations_is_read(
    registry: VariantRegistry, dynamodb: FakeDynamoDB
) -> None:
    for request in (SMALL, LARGE, OTHER):
        registry.acquire(request, "0A", NOW_S)

    assert registry.registered(SMALL.image_id) == {SMALL.key, LARGE.key}
    assert dynamodb.calls[-2:] == ["Query", "Query"]


@pytest.mark.parametrize(
    ("code", "error"),
    [("InternalServerError", StoreUnavailable), ("ThrottlingException", Throttled)],
)
def test_an_error_of_the_table_is_translated(code: str, error: type[Exception]) -> None:
    registry = VariantRegistry(FakeDynamoDB(before_call=refuse(code)), "variants")  # type: ignore[arg-type]  # a fake

    with pytest.raises(error, match="the variants table"):
        registry.acquire(SMALL, "0A", NOW_S)
    with pytest.raises(error, match="the variants table"):
        registry.registered(SMALL.image_id)


def test_stored_and_registered_variants_cost_one_listing_and_one_query(
    registry: VariantRegistry, dynamodb: FakeDynamoDB
) -> None:
    s3 = FakeS3()
    for key in (SMALL.key, OTHER.key, "500/a.jpg"):
        s3.put(BUCKET, key, b"data")
    registry.acquire(LARGE, "0A", NOW_S)
    keys = VariantKeys(_lister(s3), BUCKET, registry)

    found = keys.of_image(SMALL.image_id)

    assert found == {SMALL.key, LARGE.key}
    assert (s3.calls, dynamodb.calls[1:]) == (["ListObjectsV2"], ["Query"])


def _lister(s3: FakeS3) -> Any:  # noqa: ANN401  # as a client
    return s3
