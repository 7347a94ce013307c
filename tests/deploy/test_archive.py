"""The built archives, run by the client of Lambda's runtime as on Lambda.

/var/task is read-only and belongs to another user, there is no /dev/shm, and the runtime's log goes
to a file of its own at level DEBUG.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from fakes.images import encoded, jpeg
from live.account import Account
from live.lambda_host import LambdaRun, can_isolate, run, unpacked
from live.sam_cli import SamCli
from live.stack import Stack
from pillow_heif import register_heif_opener

from imagemill.aws.records_table import RecordsTable
from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.domain.keys import image_id
from imagemill.local.emulator import REGION

pytestmark = pytest.mark.skipif(not can_isolate(), reason="needs a mount namespace")

HANDLERS = {
    "ResizeImageFunction": "imagemill.functions.resize.handler",
    "TransformFunction": "imagemill.functions.transform.handler",
    "ApiImageUploadFunction": "imagemill.functions.api.handler",
}
FORMATS = ("PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF")
MIB = 1 << 20


@dataclass(frozen=True)
class Host:
    """Runs the functions of an installed stack, with buckets and a table that send no events."""

    sam: SamCli
    account: Account
    places: dict[str, str]
    """Settings instead of those of the stack."""

    def run(
        self, function: str, task: Path, events: Sequence[dict[str, Any]], folder: Path
    ) -> LambdaRun:
        """Run a function on events, with the settings that the stack gives it."""
        described = self.sam.client("cloudformation").describe_stack_resource(
            StackName="mill", LogicalResourceId=function
        )["StackResourceDetail"]
        settings = self.sam.client("lambda").get_function_configuration(
            FunctionName=described["PhysicalResourceId"]
        )["Environment"]["Variables"]
        environment = settings | self.account.environment | self.places
        return run(task, HANDLERS[function], events, environment, folder)

    def put(self, key: str, data: bytes) -> dict[str, Any]:
        """Store an original and return the batch with its event."""
        bucket = self.places["IMAGEMILL_ORIGINALS_BUCKET"]
        stored = self.account.client("s3").put_object(Bucket=bucket, Key=key, Body=data)
        described = {"key": key, "sequencer": "01", "size": len(data), "eTag": stored["ETag"]}
        record = {
            "eventName": "ObjectCreated:Put",
            "eventTime": "2026-05-04T10:20:29.123Z",
            "s3": {"bucket": {"name": bucket}, "object": described},
        }
        message = {
            "messageId": key,
            "body": json.dumps({"Records": [record]}),
            "attributes": {"ApproximateReceiveCount": "1"},
        }
        return {"Records": [message]}


@pytest.fixture(scope="module")
def host(sam: SamCli, installed: Stack) -> Host:
    assert installed
    key = sam.key
    session = boto3.Session(key.access_key_id, key.secret_access_key, region_name=REGION)
    environment = {
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        "AWS_ENDPOINT_URL": sam.endpoint,
    }
    account = Account(sam.endpoint, session, environment)
    places = {
        "IMAGEMILL_ORIGINALS_BUCKET": account.create_bucket(),
        "IMAGEMILL_PROCESSED_BUCKET": account.create_bucket(),
        "IMAGEMILL_TABLE": account.create_table("RecordsTable"),
        "IMAGEMILL_DEPLOYMENTS_TABLE": "",
        "IMAGEMILL_VARIANTS_TABLE": account.create_table("VariantsTable"),
        "IMAGEMILL_QUEUE_URL": "",
        "IMAGEMILL_RECIPE": "100",
        "POWERTOOLS_METRICS_DISABLED": "false",
    }
    return Host(sam, account, places)


@pytest.fixture(scope="module")
def task(sam: SamCli, host: Host, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert host
    folder = tmp_path_factory.mktemp("task") / "resize"
    return unpacked(sam.build / "ResizeImageFunction", folder)


def reported(done: LambdaRun, metric: str) -> float:
    """Return the sum of a metric in the log."""
    lines = [json.loads(line) for line in done.lines if line.startswith("{")]
    return sum(sum(line.get(metric, [])) for line in lines if "_aws" in line)


def test_every_main_format_gets_a_rendition(host: Host, task: Path, tmp_path: Path) -> None:
    register_heif_opener()
    originals = {"a.jpg": jpeg(400, 300, orientation=6)}
    originals |= {f"a.{name.lower()}": encoded(400, 300, name) for name in FORMATS}
    events = [host.put(key, data) for key, data in originals.items()]

    done = host.run("ResizeImageFunction", task, events, tmp_path)

    records = RecordsTable(host.account.client("dynamodb"), host.places["IMAGEMILL_TABLE"])
    found = {key: records.get(image_id(key)) for key in originals}
    sizes = {
        key: [(made.width, made.height) for made in record.renditions.values()]
        for key, record in found.items()
        if record
    }
    assert (done.errors, [result["batchItemFailures"] for result in done.results]) == ([], [[]] * 7)
    assert sizes == {key: [(100, 75)] for key in originals} | {"a.jpg": [(75, 100)]}
    assert [
        line for line in done.lines if '"level":"INFO"' not in line and "_aws" not in line
    ] == []
    assert [line for line in done.lines if '"sandbox":"drawn"' in line][1:]
    assert reported(done, "Compilations") == 0
    assert 0 < done.peak_bytes < DEFAULT_MEMORY_MB * MIB


def test_an_archive_without_machine_code_is_reported(
    host: Host, task: Path, tmp_path: Path
) -> None:
    bare = unpacked(task, tmp_path / "task")
    for path in bare.rglob("*.cwasm"):
        path.unlink()

    done = host.run("ResizeImageFunction", bare, [host.put("b.jpg", jpeg())], tmp_path / "run")

    assert done.errors == []
    assert reported(done, "Compilations") == 1


@pytest.mark.parametrize(
    ("function", "event", "status"),
    [
        (
            "ApiImageUploadFunction",
            {
                "resource": "/images",
                "path": "/images",
                "httpMethod": "GET",
                "headers": {},
                "requestContext": {
                    "requestId": "r",
                    "path": "/live/images",
                    "stage": "live",
                    "identity": {"apiKey": "k", "apiKeyId": "i"},
                },
                "body": None,
                "isBase64Encoded": False,
            },
            200,
        ),
        (
            "TransformFunction",
            {
                "rawPath": f"/~t/{image_id('never.jpg')}/20x.jpg",
                "requestContext": {"requestId": "r", "http": {"method": "GET"}},
            },
            404,
        ),
    ],
)
def test_a_cold_start_writes_one_line_for_its_request(
    host: Host, tmp_path: Path, function: str, event: dict[str, Any], status: int
) -> None:
    done = host.run(function, host.sam.build / function, [event], tmp_path)

    lines = [json.loads(line) for line in done.lines]
    assert (done.errors, [result["statusCode"] for result in done.results]) == ([], [status])
    assert [line["level"] for line in lines if "_aws" not in line] == ["INFO"]
