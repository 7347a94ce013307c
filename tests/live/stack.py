"""A deployed stack, used with the AWS SDK."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
from mypy_boto3_s3.client import S3Client
from mypy_boto3_sqs.client import SQSClient

from imagemill.aws.records_table import RecordsTable
from imagemill.domain.keys import image_id
from imagemill.domain.record import FINAL, ImageRecord
from imagemill.local.address import Address
from imagemill.local.ports import unused_port
from imagemill.wiring.session import Credentials

__all__ = ["TIMEOUT_S", "Stack", "attempts", "credentials_of", "owner_session", "unused_port"]

# Longest wait, s, for events that normally take a second or two.
TIMEOUT_S = 120
# Shortest and longest pause between two attempts, s, and the share of the time so far between.
_SHORTEST_S, _LONGEST_S, _SHARE = 0.02, 0.5, 0.2


def attempts() -> Iterator[None]:
    """Yield until the longest wait is over, with pauses that grow with the time so far.

    A read takes 5 ms of CPU time, which the functions that a test waits for need themselves.
    """
    start_s = time.monotonic()
    while (passed_s := time.monotonic() - start_s) < TIMEOUT_S:
        yield
        time.sleep(min(max(_SHORTEST_S, _SHARE * passed_s), _LONGEST_S))


def owner_session(address: Address) -> boto3.Session:
    """Return a session with the rights of the account's owner."""
    return boto3.Session(
        address.aws_access_key_id, address.aws_secret_access_key, region_name=address.region
    )


def credentials_of(address: Address) -> Credentials:
    """Return the same rights, as the commands take them."""
    return Credentials(
        region=address.region,
        endpoint=address.endpoint,
        access_key_id=address.aws_access_key_id,
        secret_access_key=address.aws_secret_access_key,
    )


@dataclass(frozen=True)
class Stack:
    """Clients of a stack with the rights of the account's owner, and functions that wait."""

    address: Address
    s3: S3Client
    sqs: SQSClient
    records: RecordsTable

    def put(self, key: str, data: bytes) -> str:
        """Store an original and return its version id."""
        bucket = self.address.originals_bucket
        return self.s3.put_object(Bucket=bucket, Key=key, Body=data)["VersionId"]

    def wait_until_final(self, key: str, version_id: str | None = None) -> ImageRecord:
        """Return the record once it is final, for this version if one is given."""
        record = self.wait_for_status(key, "ready", "rejected", "failed", version_id=version_id)
        assert record.status in FINAL
        return record

    def wait_for_status(
        self, key: str, *statuses: str, version_id: str | None = None
    ) -> ImageRecord:
        """Return the record once it has one of the statuses."""
        record = None
        for _ in attempts():
            record = self.records.get(image_id(key))
            current = record and version_id in {None, record.version_id}
            if record and current and record.status in statuses:
                return record
        raise AssertionError(f"{key} did not become {statuses}; its record is {record}")

    def rendition(self, key: str) -> bytes:
        """Return the bytes of a rendition, by its key in the processed bucket."""
        found = self.s3.get_object(Bucket=self.address.processed_bucket, Key=key)
        return found["Body"].read()

    def rendition_keys(self, ending: str, beginning: str = "") -> set[str]:
        """Return keys with this suffix and prefix, without markers of removed renditions."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.address.processed_bucket, Prefix=beginning
        )
        found = {o["Key"] for page in pages for o in page.get("Contents", [])}
        return {key for key in found if key.endswith(ending) and not self._is_marker(key)}

    def _is_marker(self, key: str) -> bool:
        head = self.s3.head_object(Bucket=self.address.processed_bucket, Key=key)
        return "removed" in head["Metadata"]

    def wait_until_removed(self, ending: str, beginning: str = "") -> bool:
        """Wait until no rendition has this suffix and prefix; return False after the timeout.

        Renditions are removed after the tombstone is written.
        """
        return any(not self.rendition_keys(ending, beginning) for _ in attempts())
