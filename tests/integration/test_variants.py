"""TransformFunction on the embedded AWS: variants are made on request, stored, and removed."""

import base64
import io
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from fakes.images import jpeg
from fakes.pipeline_deps import render_here
from fakes.transform import bytes_of
from fakes.variants import request_of
from live.stack import Stack
from PIL import Image

from imagemill.aws.encoded import EncodedOriginalsBucket
from imagemill.aws.light.clients import S3, DynamoDB
from imagemill.aws.records_table import RecordStore
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.aws.variant_registry import VariantRegistry
from imagemill.domain.clock import SystemClock
from imagemill.domain.image_request import VARIANT_PREFIX
from imagemill.domain.keys import image_id
from imagemill.imaging import DEFAULT_LIMITS, Limits, Rendered
from imagemill.imaging.shared_file import File
from imagemill.recipe import Recipe
from imagemill.recipe_rules import DEFAULT_RULES
from imagemill.requests.settings import Settings
from imagemill.transform.deps import Render, TransformDeps
from imagemill.transform.serve import Server

# Requests at once, several times the reserved concurrency.
BURST = 8


@dataclass(frozen=True)
class Visitor:
    """Calls TransformFunction as CloudFront does."""

    client: Any
    function: str

    def get(self, key: str, canonical: str, query: str = "", method: str = "GET") -> dict[str, Any]:
        """Return the answer for a variant of the original under this key."""
        event = {
            "version": "2.0",
            "rawPath": f"/{VARIANT_PREFIX}{image_id(key)}/{canonical}",
            "rawQueryString": query,
            "headers": {"x-imagemill-url": "https://example.com/~/a.jpg"},
            "requestContext": {"requestId": "r", "http": {"method": method}},
        }
        answer = self.client.invoke(FunctionName=self.function, Payload=json.dumps(event))
        found: dict[str, Any] = json.loads(answer["Payload"].read())
        return found


def physical_id(stack: Stack, session: boto3.Session, logical: str) -> str:
    """Return the physical id of a resource of the stack."""
    client = session.client("cloudformation", endpoint_url=stack.address.endpoint)
    found = client.describe_stack_resource(StackName=stack.address.stack, LogicalResourceId=logical)
    return found["StackResourceDetail"]["PhysicalResourceId"]


@pytest.fixture(scope="module")
def visitor(stack: Stack, session: boto3.Session) -> Visitor:
    # Lambda refuses more requests than the reserved concurrency; CloudFront would pass that on.
    patient = Config(retries={"mode": "standard", "max_attempts": 30}, max_pool_connections=BURST)
    client = session.client("lambda", endpoint_url=stack.address.endpoint, config=patient)
    return Visitor(client, physical_id(stack, session, "TransformFunction"))


def deps_of(stack: Stack, variants_table: str, render: Render) -> TransformDeps:
    """Return the dependencies of a request over the stores of the stack."""
    address = stack.address
    environ = {
        "AWS_ENDPOINT_URL": address.endpoint,
        "AWS_REGION": address.region,
        "AWS_ACCESS_KEY_ID": address.aws_access_key_id,
        "AWS_SECRET_ACCESS_KEY": address.aws_secret_access_key,
    }
    s3, dynamodb = S3(environ), DynamoDB(environ)
    return TransformDeps(
        records=RecordStore(dynamodb, address.table),
        originals=EncodedOriginalsBucket(s3, address.originals_bucket),
        renditions=RenditionsBucket(s3, address.processed_bucket),
        registry=VariantRegistry(dynamodb, variants_table),
        recipes=DEFAULT_RULES,
        limits=DEFAULT_LIMITS,
        clock=SystemClock(),
        render=render,
        pause=time.sleep,
        render_timeout_s=lambda: 11.0,
        settings=Settings(now=0),
    )


@pytest.fixture
def photo(stack: Stack) -> str:
    """Return the key of a photo of 1200 × 800 px that is ready."""
    key = f"{secrets.token_hex(6)}/photo.jpg"
    stack.put(key, jpeg(1200, 800))
    stack.wait_until_final(key)
    return key


def body_of(answer: dict[str, Any]) -> bytes:
    return base64.b64decode(answer["body"])


def test_a_variant_is_made_stored_and_then_answered_from_the_bucket(
    stack: Stack, visitor: Visitor, photo: str
) -> None:
    first = visitor.get(photo, "640x480_cover.webp")

    second = visitor.get(photo, "640x480_cover.webp")

    key = f"{VARIANT_PREFIX}{image_id(photo)}/640x480_cover.webp"
    image = Image.open(io.BytesIO(body_of(first)))
    assert (first["statusCode"], image.format, image.size) == (200, "WEBP", (640, 480))
    assert first["headers"]["Content-Type"] == "image/webp"
    assert body_of(first) == body_of(second) == stack.rendition(key)


def test_a_small_variant_is_made_from_a_stored_rendition(visitor: Visitor, photo: str) -> None:
    answer = visitor.get(photo, "120x.keep")

    image = Image.open(io.BytesIO(body_of(answer)))
    assert (image.format, image.size) == ("JPEG", (120, 80))


def test_a_burst_of_first_requests_gets_the_same_bytes(visitor: Visitor, photo: str) -> None:
    with ThreadPoolExecutor(BURST) as pool:
        answers = list(pool.map(lambda _: visitor.get(photo, "333x.webp"), range(BURST)))

    assert {answer["statusCode"] for answer in answers} == {200}
    assert len({body_of(answer) for answer in answers}) == 1


def test_a_hundred_first_requests_make_at_most_two_renderings(
    stack: Stack, session: boto3.Session, photo: str
) -> None:
    renderings: list[Recipe] = []

    def render_slowly(file: File, recipe: Recipe, limits: Limits, timeout_s: float) -> Rendered:
        renderings.append(recipe)
        time.sleep(0.5)
        return render_here(bytes_of(file), recipe, limits, timeout_s)

    deps = deps_of(stack, physical_id(stack, session, "VariantsTable"), render_slowly)
    request = request_of(photo, "300x.webp")
    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda _: Server(request, deps).serve(), range(100)))

    assert 1 <= len(renderings) <= 2
    assert len({answer.data for answer in answers}) == 1
    assert answers[0].data == stack.rendition(request.key)


@pytest.mark.parametrize(
    ("canonical", "status", "code"),
    [("10x10.jpg", 404, "not_found"), ("10X10.jpg", 404, "not_found")],
)
def test_what_cannot_be_made_is_a_problem(
    visitor: Visitor, canonical: str, status: int, code: str
) -> None:
    answer = visitor.get("missing.jpg", canonical)

    assert (answer["statusCode"], json.loads(body_of(answer))["code"]) == (status, code)


def test_a_variant_of_a_deleted_image_is_gone(stack: Stack, visitor: Visitor, photo: str) -> None:
    visitor.get(photo, "100x.jpg")

    stack.s3.delete_object(Bucket=stack.address.originals_bucket, Key=photo)
    stack.wait_for_status(photo, "deleted")
    answer = visitor.get(photo, "100x.jpg")

    assert (answer["statusCode"], json.loads(body_of(answer))["code"]) == (410, "gone")
