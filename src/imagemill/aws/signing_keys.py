"""The keys of signed image URLs, in the key value store that CloudFront Functions read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypedDict

from botocore.exceptions import ClientError, MissingDependencyException

from imagemill.aws.errors import usable
from imagemill.errors import SetupFailed
from imagemill.requests.key_pairs import pairs_from_json, pairs_to_json, rotated
from imagemill.requests.settings import KeyPair

# The entry with all key pairs. One entry is replaced atomically and costs one read.
ENTRY = "keys"


class Entry(TypedDict):
    """An entry of a key value store."""

    Value: str


class Description(TypedDict):
    """The state of a key value store; the ETag changes with every write."""

    ETag: str


class KeyValueClient(Protocol):
    """The client of `cloudfront-keyvaluestore`."""

    def describe_key_value_store(self, *, KvsARN: str) -> Description:  # noqa: N803  # boto3's names
        """Return the state of the store."""

    def get_key(self, *, KvsARN: str, Key: str) -> Entry:  # noqa: N803
        """Return an entry."""

    def put_key(self, *, KvsARN: str, Key: str, Value: str, IfMatch: str) -> object:  # noqa: N803
        """Write an entry if the store has not changed since `IfMatch`."""


class KeyValueStoreKeys:
    """Implements `requests.key_pairs.SigningKeys`; `arn` names the key value store."""

    def __init__(self, client: KeyValueClient, arn: str) -> None:
        self._client = client
        self._arn = arn

    def read(self) -> tuple[KeyPair, ...]:
        """Return the key pairs; none before the first rotation."""
        with _translated():
            try:
                return pairs_from_json(self._client.get_key(KvsARN=self._arn, Key=ENTRY)["Value"])
            except ClientError as fault:
                if fault.response["Error"].get("Code") == "ResourceNotFoundException":
                    return ()
                raise

    def rotate(self) -> tuple[KeyPair, ...]:
        """Make a new pair, keep the present one as the previous one, and return both.

        Raises SetupFailed if another rotation happens at the same time.
        """
        with _translated():
            etag = self._client.describe_key_value_store(KvsARN=self._arn)["ETag"]
        pairs = rotated(self.read())
        with _translated():
            self._client.put_key(
                KvsARN=self._arn, Key=ENTRY, Value=pairs_to_json(pairs), IfMatch=etag
            )
        return pairs


@contextmanager
def _translated() -> Iterator[None]:
    with usable("the key value store"):
        try:
            yield
        except MissingDependencyException as fault:
            # Requests to a key value store are signed with Signature Version 4A.
            wanted = "awscrt is not installed: run pip install 'imagemill[keys]'"
            raise SetupFailed(wanted) from fault
