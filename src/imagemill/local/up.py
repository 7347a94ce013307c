"""Start the whole pipeline on this machine: emulator, stack, health checks, gallery."""

import json
import os
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path

import boto3
from botocore.config import Config

from imagemill.dataclass import dataclass
from imagemill.errors import SetupFailed
from imagemill.local.address import Address, claimed, published
from imagemill.local.deploy import deploy
from imagemill.local.emulator import REGION, Emulator
from imagemill.local.page import local_url, publish_page
from imagemill.local.signing_keys import FileKeys
from imagemill.local.template import RETRY_S, template_path

STACK = "imagemill"
_TEST_MESSAGE = {
    "messageId": "check",
    "receiptHandle": "check",
    "body": json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}),
    "attributes": {"ApproximateReceiveCount": "1"},
    "messageAttributes": {},
    "eventSource": "aws:sqs",
}


@dataclass(frozen=True, slots=True)
class UpOptions:
    """The options of `up`."""

    port: int
    data_dir: Path
    recipe: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Template parameters that override the defaults of a laptop."""


@contextmanager
def cloud(options: UpOptions) -> Iterator[tuple[Emulator, Address]]:
    """Run the embedded AWS with the stack deployed and healthy, and stop it at the end.

    Raises SetupFailed if the port or the data folder is in use, or if the deployment fails.
    """
    data_dir = options.data_dir.absolute()
    with claimed(data_dir), Emulator(options.port, data_dir) as emulator:
        key = emulator.key
        session = boto3.Session(key.access_key_id, key.secret_access_key, region_name=REGION)
        parameters = {**_parameters(options.recipe, emulator.endpoint), **options.parameters}
        if parameters.get("Private") == "true":
            parameters = {**_public_keys(emulator), **parameters}
        outputs = deploy(session, emulator.endpoint, STACK, template_path(), parameters)
        _limit_transforms(session, emulator.endpoint, outputs, parameters)
        # Save now: after a kill, the buckets of a stack that was never saved would be lost.
        emulator.save()
        address = _address(session, emulator, outputs)
        _check_api(address)
        if address.gallery_url:
            publish_page(address)
        if address.images_url:
            FileKeys(data_dir).ensure()
        # Last: the test messages of the buckets have started workers, and one of them is free now.
        _check_resizer(session, emulator.endpoint)
        with published(address, data_dir):
            yield emulator, address


def _parameters(recipe: str, endpoint: str) -> dict[str, str]:
    """Return the parameters for a laptop: HTTP, one worker per core, short retries, no quotas."""
    return {
        "Recipe": recipe,
        "RequireTls": "false",
        "RetrySeconds": str(RETRY_S),
        "ApiRateLimit": "10000",
        "ApiBurstLimit": "5000",
        "ApiDailyQuota": "100000000",
        "GallerySources": endpoint,
        "Shares": "true",
        "MaxConcurrency": str(max(2, os.cpu_count() or 2)),
        "TransformConcurrency": str(max(2, os.cpu_count() or 2)),
    }


def _public_keys(emulator: Emulator) -> dict[str, str]:
    """Return the parameters with the public keys of private images; the first start makes a key."""
    from imagemill.wiring.private_keys import parameters_for  # noqa: PLC0415  # only for private images
    from imagemill.wiring.session import Credentials  # noqa: PLC0415  # as above

    key = emulator.key
    return parameters_for(
        STACK,
        Credentials(
            region=REGION,
            endpoint=emulator.endpoint,
            access_key_id=key.access_key_id,
            secret_access_key=key.secret_access_key,
        ),
    )


def _limit_transforms(
    session: boto3.Session, endpoint: str, outputs: Mapping[str, str], given: Mapping[str, str]
) -> None:
    """Reserve the concurrency of TransformFunction, which the embedded CloudFormation leaves out.

    Without a limit, every request for an image would start a process of its own.
    """
    function = outputs.get("TransformFunctionName")
    if function and int(given["TransformConcurrency"]):
        session.client("lambda", endpoint_url=endpoint).put_function_concurrency(
            FunctionName=function,
            ReservedConcurrentExecutions=int(given["TransformConcurrency"]),
        )


def _address(session: boto3.Session, emulator: Emulator, outputs: dict[str, str]) -> Address:
    endpoint = emulator.endpoint
    gateway = session.client("apigateway", endpoint_url=endpoint)
    key = gateway.get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)
    # A domain of your own leads to AWS, so it is not used here.
    site = f"https://{outputs.get('DistributionDomainName', '')}/"
    gallery, images = "GalleryUrl" in outputs, "ImagesUrl" in outputs
    return Address(
        endpoint=endpoint,
        region=REGION,
        stack=STACK,
        originals_bucket=outputs["OriginalsBucketName"],
        processed_bucket=outputs["ProcessedBucketName"],
        table=outputs["TableName"],
        queue_url=outputs["QueueUrl"],
        dead_letter_queue_url=outputs["DeadLetterQueueUrl"],
        api_url=_api_url(endpoint, outputs["ApiId"]),
        users_api_url=_api_url(endpoint, outputs.get("UsersApiId")),
        signed_api_url=_api_url(endpoint, outputs.get("SignedApiId")),
        shares_api_url=_api_url(endpoint, outputs.get("SharesApiId")),
        api_key=key["value"],
        site_bucket=outputs.get("SiteBucketName", ""),
        gallery_url=local_url(site, endpoint) if gallery else "",
        images_url=local_url(site, endpoint).rstrip("/") if images else "",
        aws_access_key_id=emulator.key.access_key_id,
        aws_secret_access_key=emulator.key.secret_access_key,
    )


def _api_url(endpoint: str, api_id: str | None) -> str:
    return f"{endpoint}/_aws/execute-api/{api_id}/live" if api_id else ""


def _check_api(address: Address) -> None:
    """Raise SetupFailed unless the health check of ApiImageUploadFunction succeeds."""
    try:
        with urllib.request.urlopen(f"{address.api_url}/health", timeout=30) as answer:  # noqa: S310  # loopback
            answer.read()
    except OSError as fault:
        raise SetupFailed(f"the API does not answer: {fault}") from fault


def _check_resizer(session: boto3.Session, endpoint: str) -> None:
    """Invoke ResizeImageFunction with a test message; raises SetupFailed if it fails."""
    config = Config(read_timeout=90, retries={"total_max_attempts": 1})
    client = session.client("lambda", endpoint_url=endpoint, config=config)
    name = _physical_name(session, endpoint, "ResizeImageFunction")
    message = json.dumps({"Records": [_TEST_MESSAGE]}).encode()
    answer = json.loads(client.invoke(FunctionName=name, Payload=message)["Payload"].read())
    if answer != {"batchItemFailures": []}:
        raise SetupFailed(
            f"ResizeImageFunction does not work: {answer.get('errorMessage', answer)}"
        )


def _physical_name(session: boto3.Session, endpoint: str, logical_name: str) -> str:
    client = session.client("cloudformation", endpoint_url=endpoint)
    found = client.describe_stack_resource(StackName=STACK, LogicalResourceId=logical_name)
    return found["StackResourceDetail"]["PhysicalResourceId"]
