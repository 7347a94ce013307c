"""The registry of variants, and the listing of the stored ones."""

from typing import TYPE_CHECKING

from fakes.stores import LEASE_S, FakeVariantRegistry
from fakes.variants import request_of

from imagemill.aws.buckets import listed
from imagemill.aws.variant_keys import VariantKeys

if TYPE_CHECKING:
    from contract.conftest import Registry

    from imagemill.aws.object_clients import ListClient

NOW_S = 1_777_890_030
SMALL, LARGE = request_of("a.jpg", "20x.jpg"), request_of("a.jpg", "x40_q75.webp")
OTHER = request_of("b.jpg", "20x.jpg")


def test_a_variant_is_leased_once(variant_registry: "Registry") -> None:
    first = variant_registry.acquire(SMALL, "0A", NOW_S)
    second = variant_registry.acquire(SMALL, "0A", NOW_S + LEASE_S)

    assert (first, second) == (True, False)


def test_an_expired_lease_is_given_to_the_next_caller(variant_registry: "Registry") -> None:
    variant_registry.acquire(SMALL, "0A", NOW_S)

    assert variant_registry.acquire(SMALL, "0A", NOW_S + LEASE_S + 1)
    assert not variant_registry.acquire(SMALL, "0A", NOW_S + LEASE_S + 2)


def test_a_lease_is_for_one_version(variant_registry: "Registry") -> None:
    variant_registry.acquire(SMALL, "0A", NOW_S)

    assert variant_registry.acquire(SMALL, "0B", NOW_S)
    assert not variant_registry.acquire(SMALL, "0B", NOW_S)


def test_each_variant_has_a_lease_of_its_own(variant_registry: "Registry") -> None:
    variant_registry.acquire(SMALL, "0A", NOW_S)

    assert variant_registry.acquire(LARGE, "0A", NOW_S)
    assert variant_registry.acquire(OTHER, "0A", NOW_S)


def test_a_lease_lasts_as_long_as_it_was_asked_for(variant_registry: "Registry") -> None:
    variant_registry.acquire(SMALL, "0A", NOW_S, 2)

    assert not variant_registry.acquire(SMALL, "0A", NOW_S + 2, 15)
    assert variant_registry.acquire(SMALL, "0A", NOW_S + 3, 15)
    assert not variant_registry.acquire(SMALL, "0A", NOW_S + 18, 2)


def test_a_variant_is_registered_as_new_once(variant_registry: "Registry") -> None:
    first = variant_registry.register(SMALL, "0A", NOW_S)
    again = variant_registry.register(SMALL, "0B", NOW_S + LEASE_S + 1)

    assert (first, again) == (True, False)
    assert variant_registry.registered(SMALL.image_id) == {SMALL.key}


def test_a_new_registration_is_a_lease(variant_registry: "Registry") -> None:
    variant_registry.register(SMALL, "0A", NOW_S, 2)

    assert not variant_registry.acquire(SMALL, "0A", NOW_S + 2)
    assert variant_registry.acquire(SMALL, "0A", NOW_S + 3)


def test_a_lease_that_was_ended_is_free_and_stays_registered(variant_registry: "Registry") -> None:
    variant_registry.acquire(SMALL, "0A", NOW_S)

    variant_registry.release(SMALL, "0A", NOW_S)

    assert variant_registry.registered(SMALL.image_id) == {SMALL.key}
    assert variant_registry.acquire(SMALL, "0A", NOW_S)


def test_the_registered_variants_are_those_of_one_image(variant_registry: "Registry") -> None:
    for request in (SMALL, LARGE, OTHER):
        variant_registry.acquire(request, "0A", NOW_S)

    found = variant_registry.registered(SMALL.image_id)

    assert found == {SMALL.key, LARGE.key}
    assert variant_registry.registered(request_of("c.jpg", "20x.jpg").image_id) == frozenset()


def test_stored_and_registered_variants_are_found(list_client: tuple["ListClient", str]) -> None:
    client, bucket = list_client
    registry = FakeVariantRegistry({"~t/one/20x.jpg": ("", 0), "~t/one/30x.jpg": ("", 0)})

    found = VariantKeys(client, bucket, registry).of_image("one")

    assert found == {"~t/one/20x.jpg", "~t/one/30x.jpg", "~t/one/x40_q75.webp"}


def test_a_listing_has_every_key_as_it_is(list_client: tuple["ListClient", str]) -> None:
    client, bucket = list_client

    keys = [item["Key"] for page in listed(client, bucket, "the bucket") for item in page]

    assert keys == ["500/a b+c.jpg", "~t/one/20x.jpg", "~t/one/x40_q75.webp", "~t/other/20x.jpg"]
