"""The light clients and boto3's have the methods, parameters and results that the stores use.

mypy checks the types at the annotated assignments; the tests compare the names with botocore's
service models.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import boto3
import pytest
from fakes.raw_server import environment

from imagemill.aws import item_clients, message_clients, object_clients
from imagemill.aws.item_clients import ApiItemClient, TableClient
from imagemill.aws.light import S3, SQS, DynamoDB, Events
from imagemill.aws.message_clients import EventClient, QueueClient, RetryClient, SenderClient
from imagemill.aws.object_clients import FileOriginalsClient, ListClient, ObjectClient

ENVIRONMENT = environment("http://127.0.0.1:1")
_SESSION = boto3.Session("key", "secret", region_name="eu-west-1")

LIGHT_OBJECTS: ObjectClient = S3(ENVIRONMENT)
LIGHT_LISTS: ListClient = S3(ENVIRONMENT)
LIGHT_ITEMS: ApiItemClient = DynamoDB(ENVIRONMENT)
LIGHT_EVENTS: EventClient = Events(ENVIRONMENT)
LIGHT_QUEUE: RetryClient = SQS(ENVIRONMENT)
LIGHT_SENDER: SenderClient = SQS(ENVIRONMENT)
BUCKETS: FileOriginalsClient = _SESSION.client("s3")
TABLES: TableClient = _SESSION.client("dynamodb")
EVENTS: EventClient = _SESSION.client("events")
QUEUES: QueueClient = _SESSION.client("sqs")
RETRIES: RetryClient = _SESSION.client("sqs")


@dataclass(frozen=True)
class Method:
    """A method of a Protocol, with the names of its parameters and of the parts of its result."""

    name: str
    params: frozenset[str]
    result: frozenset[str]


def methods_of(protocol: type, module: ModuleType) -> Iterator[Method]:
    """Yield the methods of a Protocol that make requests."""
    for kind in protocol.__mro__:
        for name, method in vars(kind).items():
            annotations = getattr(method, "__annotations__", {})
            params = re.fullmatch(r"Unpack\[(\w+)\]", annotations.get("params", ""))
            if params:
                result = getattr(module, annotations["return"], object)
                yield Method(name, keys_of(getattr(module, params[1])), keys_of(result))


def keys_of(kind: type) -> frozenset[str]:
    return frozenset(getattr(kind, "__annotations__", {}))


@pytest.mark.parametrize(
    ("protocol", "module", "client"),
    [
        (FileOriginalsClient, object_clients, BUCKETS),
        (TableClient, item_clients, TABLES),
        (EventClient, message_clients, EVENTS),
        (QueueClient, message_clients, QUEUES),
        (RetryClient, message_clients, RETRIES),
    ],
)
def test_the_parameters_and_results_are_those_of_aws(
    protocol: type,
    module: ModuleType,
    client: Any,  # noqa: ANN401  # any client of boto3
) -> None:
    methods = list(methods_of(protocol, module))

    assert methods
    for method in methods:
        operation = client.meta.method_to_api_mapping[method.name]
        model = client.meta.service_model.operation_model(operation)
        result = model.output_shape.members if model.output_shape else {}
        assert method.params <= model.input_shape.members.keys(), operation
        assert method.result <= result.keys() | {"ResponseMetadata"}, operation


@pytest.mark.parametrize(
    ("protocol", "module", "client"),
    [
        (ObjectClient, object_clients, LIGHT_OBJECTS),
        (ListClient, object_clients, LIGHT_LISTS),
        (ApiItemClient, item_clients, LIGHT_ITEMS),
        (EventClient, message_clients, LIGHT_EVENTS),
        (RetryClient, message_clients, LIGHT_QUEUE),
    ],
)
def test_a_light_client_has_every_method(
    protocol: type, module: ModuleType, client: object
) -> None:
    names = {method.name for method in methods_of(protocol, module)}

    assert names
    assert {name for name in names if not callable(getattr(client, name, None))} == set()
