"""Callers of the API: scopes in the value of a key, and images of one's own."""

import pytest

from imagemill.domain.caller import (
    EVERYTHING,
    OWN_IMAGES,
    SCOPES,
    Caller,
    Scope,
    key_value,
    of_key,
    owning,
)
from imagemill.domain.keys import image_id, owner_id, owner_of, upload_key
from imagemill.errors import Forbidden

RANDOM = "a" * 40


def test_a_key_without_scopes_in_its_value_may_do_everything() -> None:
    caller = of_key("9a7dcef3f60b49e48e4ceca6cfa37c70", "abc")

    assert caller == Caller("key:abc", EVERYTHING)
    assert caller.may_access("holiday/a.jpg")


@pytest.mark.parametrize(
    "scopes", [{"upload"}, {"read"}, {"delete"}, {"upload", "read"}, {"read", "admin"}]
)
def test_a_key_has_the_scopes_in_its_value(scopes: set[Scope]) -> None:
    caller = of_key(key_value("photo-booth", frozenset(scopes), RANDOM), "abc")

    assert caller == owning("key:photo-booth", frozenset(scopes))
    assert caller.owner == owner_id("key:photo-booth")


def test_a_key_with_the_scope_admin_alone_may_do_everything() -> None:
    value = key_value("ops", frozenset({"admin"}), RANDOM)

    assert of_key(value, "abc").scopes == EVERYTHING


@pytest.mark.parametrize(
    "value", ["im-", "im-x-a-" + RANDOM, "im-u-a-short", "im-urdaa-a-" + RANDOM]
)
def test_a_malformed_key_with_scopes_may_do_nothing(value: str) -> None:
    caller = of_key(value, "abc")

    assert not caller.sees_all
    for scope in SCOPES:
        with pytest.raises(Forbidden):
            caller.require(scope)


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a" * 33, "a.b"])
def test_a_key_needs_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="im-"):
        key_value(name, frozenset({"read"}), RANDOM)


def test_a_user_accesses_only_own_images() -> None:
    alice, bob = owning("user:alice", OWN_IMAGES), owning("user:bob", OWN_IMAGES)
    key = upload_key("a.jpg", "token", alice.owner)

    assert (alice.may_access(key), bob.may_access(key)) == (True, False)
    assert not alice.may_access("uploads/token/a.jpg")


@pytest.mark.parametrize(
    ("key", "owned"),
    [
        (f"uploads/~{image_id('x')}/token/a.jpg", True),
        (f"uploads/~{image_id('x')}/a", True),
        (f"in/uploads/~{image_id('x')}/token/a.jpg", True),
        (f"uploads/~{image_id('x')}/", False),
        (f"uploads/{image_id('x')}/token/a.jpg", False),
        (f"other/~{image_id('x')}/token/a.jpg", False),
        ("uploads/~short/token/a.jpg", False),
        ("uploads/token/a.jpg", False),
    ],
)
def test_only_keys_of_owned_uploads_have_an_owner(key: str, owned: bool) -> None:
    assert (owner_of(key) == image_id("x")) is owned


def test_a_caller_without_an_owner_accesses_no_image_without_one() -> None:
    assert not Caller("key:k", frozenset({"read"})).may_access("uploads/token/a.jpg")
