"""Requests without a valid key to the embedded AWS of a laptop."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from live.attacks import ACTIONS, KEYS, Target, authorization, computed_keys, forged_form
from live.stack import TIMEOUT_S

from imagemill.local.address import Address
from imagemill.local.ministack_keys import CODE_BUCKET

CLICKED = {"sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
PAGE = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
NEIGHBOUR = {"origin": "http://localhost:3000", "sec-fetch-site": "same-site"}
SENDERS = {"a program": {}, "a click": CLICKED, "a page": PAGE, "a neighbour": NEIGHBOUR}

# One client for all requests: a new one would load all CA certificates each time.
HTTP = httpx.Client(verify=False, limits=httpx.Limits(max_keepalive_connections=0))  # noqa: S501  # plain HTTP


@pytest.fixture(scope="module")
def target(address: Address, session: boto3.Session) -> Target:
    return Target(address, session)


@pytest.fixture
def unchanged(target: Target) -> Iterator[None]:
    """Compare the state that an attack would change, before and after."""
    before = target.state()
    yield
    assert target.state() == before


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("headers", SENDERS.values(), ids=SENDERS.keys())
def test_no_link_changes_anything(target: Target, headers: dict[str, str]) -> None:
    answers = {
        link: HTTP.request(method, link, headers=headers, timeout=TIMEOUT_S).status_code
        for link in target.links()
        for method in ("GET", "POST")
    }

    assert set(answers.values()) == {403}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("headers", SENDERS.values(), ids=SENDERS.keys())
def test_no_form_stores_anything(target: Target, headers: dict[str, str]) -> None:
    buckets = target.buckets()
    forms = [
        forged_form(bucket, "attacked.zip", key, secret)
        for bucket in buckets
        for key, secret in [("test", "test"), ("000000000000", "test"), ("", "")]
    ] + [
        {"key": "attacked.zip"},
        {"KEY": "attacked.zip", "AWSAccessKeyId": "test", "signature": "x"},
    ]

    answers = [
        HTTP.post(
            f"{target.address.endpoint}/{bucket}",
            data=form,
            files={"file": ("x", b"bytes", "text/plain")},
            headers=headers,
            timeout=TIMEOUT_S,
        ).status_code
        for form in forms
        for bucket in buckets
    ]

    assert set(answers) == {403}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("headers", SENDERS.values(), ids=SENDERS.keys())
@pytest.mark.parametrize("service", ACTIONS)
def test_an_invalid_signature_is_rejected(
    target: Target, headers: dict[str, str], service: str
) -> None:
    signatures = [{}, *(authorization(service, key) for key in KEYS)]

    statuses = {
        HTTP.post(
            target.address.endpoint,
            data=ACTIONS[service],
            headers=headers | signature,
            timeout=TIMEOUT_S,
        ).status_code
        for signature in signatures
    }

    assert statuses == {403}


@pytest.mark.usefixtures("unchanged")
def test_the_keys_of_functions_cannot_be_computed(target: Target) -> None:
    functions = target.client("lambda").list_functions()["Functions"]

    for function in functions:
        session = boto3.Session(*computed_keys(function), region_name=target.address.region)
        s3 = session.client("s3", endpoint_url=target.address.endpoint)
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            s3.put_object(Bucket=target.address.originals_bucket, Key="attacked", Body=b"x")


@pytest.mark.parametrize(("key", "secret"), [("test", "test"), ("000000000000", "test")])
@pytest.mark.parametrize(
    ("service", "operation"),
    [("s3", "list_buckets"), ("sqs", "list_queues"), ("iam", "list_users")],
)
def test_the_public_keys_of_ministack_are_rejected(
    target: Target, key: str, secret: str, service: str, operation: str
) -> None:
    session = boto3.Session(key, secret, region_name=target.address.region)
    once = Config(retries={"total_max_attempts": 1})
    client: Any = session.client(service, endpoint_url=target.address.endpoint, config=once)  # type: ignore[call-overload]  # one of three services

    with pytest.raises(ClientError) as caught:
        getattr(client, operation)()

    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert caught.value.response["Error"]["Code"] == "InvalidAccessKeyId"


def raw(address: Address, request: bytes) -> bytes:
    """Send bytes and return the first line of the answer; empty if the connection was closed."""
    host = urlsplit(address.endpoint)
    with socket.create_connection((host.hostname or "", host.port or 0), TIMEOUT_S) as line:
        line.settimeout(TIMEOUT_S)
        line.sendall(request)
        answer = b""
        try:
            while b"\r\n" not in answer and (part := line.recv(4096)):
                answer += part
        except ConnectionError:
            return b""
    return answer.partition(b"\r\n")[0]


OUT = "/_aws/execute-api/x/live"
FORM = "Content-Type: multipart/form-data; boundary=X"
UPGRADE = "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13"
EMPTY = "Content-Length: 0"
RESET = "/_ministack/reset"
MALFORMED = {
    "no host": "GET / HTTP/1.0",
    "an empty host": "GET / HTTP/1.1\nHost:",
    "another host": "GET / HTTP/1.1\nHost: evil.example",
    "two hosts": "GET / HTTP/1.1\nHost: HERE\nHost: evil.example",
    "absolute form": f"POST http://HERE{RESET} HTTP/1.1\nHost: HERE\n{EMPTY}",
    "absolute form of another": "GET http://evil.example/ HTTP/1.1\nHost: HERE",
    "reset": f"POST {RESET} HTTP/1.1\nHost: HERE\n{EMPTY}",
    "reset, in capitals": f"POST {RESET} HTTP/1.1\nHOST: HERE\n{EMPTY}",
    "reset, at the gallery": f"POST {RESET} HTTP/1.1\nHost: GALLERY\n{EMPTY}",
    "reset, at a bucket": f"POST {RESET} HTTP/1.1\nHost: b.s3.HERE\n{EMPTY}",
    "two slashes": f"POST /{RESET} HTTP/1.1\nHost: HERE\n{EMPTY}",
    "encoded": f"POST /%5fministack/reset HTTP/1.1\nHost: HERE\n{EMPTY}",
    "out of the API": f"POST {OUT}/../../../..{RESET} HTTP/1.1\nHost: HERE\n{EMPTY}",
    "out, encoded": f"POST {OUT}/%2e%2e/%2e%2e/..{RESET} HTTP/1.1\nHost: HERE\n{EMPTY}",
    "web socket": f"GET {OUT} HTTP/1.1\nHost: HERE\n{UPGRADE}\nSec-WebSocket-Key: dGhlIHNhbXBs",
    "two content types": f"POST /B HTTP/1.1\nHost: HERE\n{FORM}\nContent-Type: a/b\n{EMPTY}",
    "another method": "PROPFIND / HTTP/1.1\nHost: HERE",
    "everything": "OPTIONS * HTTP/1.1\nHost: HERE",
    "a target": f"POST / HTTP/1.1\nHost: HERE\nX-AMZ-Target: AmazonSQS.ListQueues\n{EMPTY}",
    "a body in chunks": f"POST /B HTTP/1.1\nHost: HERE\n{FORM}\nTransfer-Encoding: chunked"
    "\n\n5\n--X\n\n0",
}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("request_", MALFORMED.values(), ids=MALFORMED.keys())
def test_no_malformed_request_passes_the_gate(target: Target, request_: str) -> None:
    gallery = urlsplit(target.address.gallery_url).netloc
    here = urlsplit(target.address.endpoint).netloc
    named = request_.replace("HERE", here).replace("GALLERY", gallery)
    sent = named.replace("/B ", f"/{target.address.originals_bucket} ").replace("\n", "\r\n")
    answer = raw(target.address, f"{sent}\r\n\r\n".encode())

    assert answer == b"" or answer.split()[1] in {b"400", b"403", b"404"}, answer


@pytest.mark.parametrize(
    "name",
    ["elsewhere.example", "127.0.0.1.elsewhere.example", "s3.localhost", "d.cloudfront.localhost"],
)
def test_another_host_name_is_rejected(target: Target, name: str) -> None:
    endpoint, port = target.address.endpoint, urlsplit(target.address.endpoint).port
    health = f"{urlsplit(target.address.api_url).path}/health"

    statuses = {
        HTTP.get(endpoint + path, headers={"host": f"{name}:{port}"}, timeout=TIMEOUT_S).status_code
        for path in ("/", health, "/index.html")
    }

    assert statuses == {403}


def test_a_presigned_link_works_for_its_method_and_expires(target: Target) -> None:
    address = target.address
    client = target.client("s3")
    client.put_object(Bucket=address.originals_bucket, Key="linked.txt", Body=b"x")
    link = client.generate_presigned_url(
        "get_object", {"Bucket": address.originals_bucket, "Key": "linked.txt"}, ExpiresIn=0
    )
    signed = boto3.Session(
        address.aws_access_key_id, address.aws_secret_access_key, region_name=address.region
    ).client("s3", endpoint_url=address.endpoint, config=Config(signature_version="s3v4"))
    works = signed.generate_presigned_url(
        "get_object", {"Bucket": address.originals_bucket, "Key": "linked.txt"}, ExpiresIn=60
    )

    assert HTTP.get(link, timeout=TIMEOUT_S).status_code == 403
    assert HTTP.get(works, headers=CLICKED, timeout=TIMEOUT_S).text == "x"
    assert HTTP.put(works, headers=PAGE, content=b"y", timeout=TIMEOUT_S).status_code == 403
    assert HTTP.get(f"{works}&acl", timeout=TIMEOUT_S).status_code == 403


def test_function_code_that_was_replaced_is_not_loaded(target: Target) -> None:
    s3, functions = target.client("s3"), target.client("lambda")
    [stored] = [
        one["Key"]
        for one in s3.list_objects_v2(Bucket=CODE_BUCKET)["Contents"]
        if one["Key"].endswith(".zip")
    ]
    genuine = s3.get_object(Bucket=CODE_BUCKET, Key=stored)["Body"].read()
    name = functions.list_functions()["Functions"][0]["FunctionName"]
    try:
        s3.put_object(Bucket=CODE_BUCKET, Key=stored, Body=genuine + b"\0")

        with pytest.raises(ClientError, match="Failed to fetch code"):
            functions.update_function_code(FunctionName=name, S3Bucket=CODE_BUCKET, S3Key=stored)
    finally:
        s3.put_object(Bucket=CODE_BUCKET, Key=stored, Body=genuine)

    functions.update_function_code(FunctionName=name, S3Bucket=CODE_BUCKET, S3Key=stored)


def test_an_assumed_role_is_limited_by_iam_alone(target: Target) -> None:
    name = target.client("lambda").list_functions()["Functions"][0]
    role = name["Role"].rpartition("/")[2]
    iam = target.client("iam")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.put_role_policy(
        RoleName=role,
        PolicyName="too-much",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything]}),
    )
    try:
        keys = target.client("sts").assume_role(RoleArn=name["Role"], RoleSessionName="cli")
        session = boto3.Session(
            keys["Credentials"]["AccessKeyId"],
            keys["Credentials"]["SecretAccessKey"],
            keys["Credentials"]["SessionToken"],
            region_name=target.address.region,
        )
        listed = session.client("iam", endpoint_url=target.address.endpoint).list_users()
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="too-much")

    assert listed["ResponseMetadata"]["HTTPStatusCode"] == 200
