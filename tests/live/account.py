"""An account of an emulated AWS, without a stack."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import boto3
from fakes.template import read_template

_TABLE = {"AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes"}


@dataclass(frozen=True)
class Account:
    """An emulated AWS: a session with the owner's rights, and the environment of a function."""

    endpoint: str
    session: boto3.Session
    environment: dict[str, str]
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:  # noqa: ANN401  # the type depends on the service
        """Return boto3's client of a service, the same one for all tests."""
        if service not in self._clients:
            self._clients[service] = self.session.client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload]  # ditto
        return self._clients[service]

    def create_bucket(self) -> str:
        """Create a bucket and return its name."""
        bucket = f"contract-{secrets.token_hex(8)}"
        self.client("s3").create_bucket(Bucket=bucket)
        return bucket

    def create_table(self, resource: str) -> str:
        """Create a table as the template defines it, with all indexes, and return its name."""
        table = f"contract-{secrets.token_hex(8)}"
        properties = read_template()["Resources"][resource]["Properties"]
        definition = {name: _whole(properties[name]) for name in _TABLE & properties.keys()}
        self.client("dynamodb").create_table(TableName=table, **definition)
        return table


def _whole(value: Any) -> Any:  # noqa: ANN401  # JSON of a template
    """Return a value of the template as it is if all conditions hold."""
    match value:
        case {"Fn::If": [_, held, _]}:
            return _whole(held)
        case list():
            return [_whole(inner) for inner in value]
        case _:
            return value
