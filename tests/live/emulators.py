"""Clients of an embedded AWS without a stack."""

from typing import Any, TypeAlias

import boto3
from botocore.config import Config

from imagemill.local.emulator import REGION, Emulator

# A boto3 client of any service.
Client: TypeAlias = Any
_ONCE = Config(retries={"total_max_attempts": 1})


def client_of(emulator: Emulator, service: str) -> Client:
    """Return boto3's client of a service, with the rights of the owner and without retries."""
    key = emulator.key
    session = boto3.Session(key.access_key_id, key.secret_access_key, region_name=REGION)
    return session.client(service, endpoint_url=emulator.endpoint, config=_ONCE)  # type: ignore[call-overload]  # any service


def create_buckets(client: Client, versioned: str, plain: str) -> None:
    """Create a versioned bucket and an unversioned one."""
    for bucket in versioned, plain:
        client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Enabled"})
