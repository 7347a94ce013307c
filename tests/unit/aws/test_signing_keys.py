"""The keys of signed image URLs in CloudFront's key value store."""

from dataclasses import dataclass, field

import pytest
from botocore.exceptions import ClientError, MissingDependencyException

from imagemill.aws.signing_keys import Description, Entry, KeyValueStoreKeys
from imagemill.errors import SetupFailed

ARN = "arn:aws:cloudfront::123456789012:key-value-store/a"


def fault(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "GetKey")


@dataclass
class FakeStore:
    """A key value store; `writers` other clients write between a description and a put."""

    entries: dict[str, str] = field(default_factory=dict)
    version: int = 0
    writers: int = 0
    refusal: Exception | None = None

    def describe_key_value_store(self, *, KvsARN: str) -> Description:  # noqa: N803
        self._check(KvsARN)
        found: Description = {"ETag": f"v{self.version}"}
        self.version += self.writers
        return found

    def get_key(self, *, KvsARN: str, Key: str) -> Entry:  # noqa: N803
        self._check(KvsARN)
        if Key not in self.entries:
            raise fault("ResourceNotFoundException")
        return {"Value": self.entries[Key]}

    def put_key(self, *, KvsARN: str, Key: str, Value: str, IfMatch: str) -> object:  # noqa: N803
        self._check(KvsARN)
        if f"v{self.version}" != IfMatch:
            raise fault("ConflictException")
        self.entries[Key] = Value
        self.version += 1
        return {}

    def _check(self, arn: str) -> None:
        if self.refusal:
            raise self.refusal
        assert arn == ARN


def test_a_new_store_has_no_keys() -> None:
    assert KeyValueStoreKeys(FakeStore(), ARN).read() == ()


def test_rotated_keys_are_stored() -> None:
    store = FakeStore()
    keys = KeyValueStoreKeys(store, ARN)

    first = keys.rotate()
    second = keys.rotate()

    assert second[1] == first[0]
    assert KeyValueStoreKeys(store, ARN).read() == second


def test_two_rotations_at_the_same_time_do_not_lose_a_key() -> None:
    store = FakeStore()
    before = KeyValueStoreKeys(store, ARN).rotate()
    store.writers = 1

    with pytest.raises(SetupFailed, match="ConflictException"):
        KeyValueStoreKeys(store, ARN).rotate()

    assert KeyValueStoreKeys(store, ARN).read() == before


def test_the_extra_for_signature_version_4a_is_named() -> None:
    refusal = MissingDependencyException(msg="crt")

    with pytest.raises(SetupFailed, match=r"imagemill\[keys\]"):
        KeyValueStoreKeys(FakeStore(refusal=refusal), ARN).rotate()


def test_a_refusal_of_aws_is_one_clear_line() -> None:
    keys = KeyValueStoreKeys(FakeStore(refusal=fault("AccessDeniedException")), ARN)

    with pytest.raises(SetupFailed, match=r"key value store cannot be used: .*AccessDenied"):
        keys.read()
