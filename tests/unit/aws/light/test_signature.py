"""Signatures and endpoints are those of botocore."""

from typing import Any

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.session import Session

from imagemill.aws.light import S3, ConfigurationError
from imagemill.aws.light.credentials import Credentials as OwnCredentials
from imagemill.aws.light.endpoint import Endpoint
from imagemill.aws.light.sigv4 import Signer, quote_path, quote_query

KEYS = [
    "a.jpg",
    "holiday 2026/été+sun (1).JPG",
    "x/../y//z",
    "%2B&=?#.png",
    "日本/🦊",
    "a~b_c-d.e*f'g!h",
]
TIMESTAMP = "20261122T101112Z"
# One for all tests, because it reads the descriptions of the services.
SESSION = Session()
REGIONS = ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1"]


def signed_by_botocore(
    service: str, method: str, url: str, headers: dict[str, str], body: bytes
) -> str:
    """Return botocore's Authorization header for the same request at the same time."""
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    request.context["timestamp"] = TIMESTAMP
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    auth = kind(Credentials("key", "secret", "token"), service, "eu-west-1")
    request.headers["X-Amz-Date"] = TIMESTAMP
    request.headers["X-Amz-Security-Token"] = "token"
    if service == "s3":
        request.headers["X-Amz-Content-SHA256"] = auth.payload(request)
    canonical = auth.canonical_request(request)
    signature = auth.signature(auth.string_to_sign(request, canonical), request)
    names = auth.signed_headers(auth.headers_to_sign(request))
    credential = f"AWS4-HMAC-SHA256 Credential={auth.scope(request)}"
    return f"{credential}, SignedHeaders={names}, Signature={signature}"


def signer(service: str) -> Signer:
    return Signer(OwnCredentials("key", "secret", "token"), "eu-west-1", service)


def test_a_request_for_a_listing_has_the_signature_of_botocore() -> None:
    address = f"/?encoding-type=url&list-type=2&prefix={quote_query('~t/a b+/')}"

    signed = signer("s3").signed("GET", address, {"host": "b.s3"}, b"", TIMESTAMP)

    expected = signed_by_botocore("s3", "GET", f"https://b.s3{address}", {}, b"")
    assert signed["authorization"] == expected


@pytest.mark.parametrize("version", ["", "3/L4kqtJ+lcp=XRu"])
@pytest.mark.parametrize("key", KEYS)
def test_a_request_for_any_key_has_the_signature_of_botocore(key: str, version: str) -> None:
    address = "/" + quote_path(key) + (f"?versionId={quote_query(version)}" if version else "")
    headers = {"content-type": "image/webp", "if-none-match": "*", "x-amz-meta-sequencer": "00A1"}

    signed = signer("s3").signed("PUT", address, headers | {"host": "b.s3"}, b"bytes", TIMESTAMP)

    expected = signed_by_botocore("s3", "PUT", f"https://b.s3{address}", headers, b"bytes")
    assert signed["authorization"] == expected


def test_a_header_with_repeated_spaces_has_the_signature_of_botocore() -> None:
    headers = {"content-disposition": 'inline;  filename="a   b.jpg" ', "user-agent": "imagemill"}

    signed = signer("s3").signed("PUT", "/k", headers | {"host": "b.s3"}, b"", TIMESTAMP)

    expected = signed_by_botocore("s3", "PUT", "https://b.s3/k", headers, b"")
    assert signed["authorization"] == expected


@pytest.mark.parametrize("service", ["dynamodb", "events"])
def test_a_json_request_has_the_signature_of_botocore(service: str) -> None:
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "X.Y"}
    body = '{"key":"日本"}'.encode()

    signed = signer(service).signed("POST", "/", headers | {"host": "h"}, body, TIMESTAMP)

    assert signed["authorization"] == signed_by_botocore(
        service, "POST", "https://h/", headers, body
    )


@pytest.mark.parametrize("missing", ["AWS_SECRET_ACCESS_KEY", "AWS_REGION"])
def test_a_missing_variable_is_named(missing: str) -> None:
    every = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "eu-west-1"}
    del every[missing]

    with pytest.raises(ConfigurationError, match=missing):
        S3(every)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(("service", "name"), [("s3", "S3"), ("dynamodb", "D"), ("events", "E")])
def test_a_service_has_the_endpoint_of_botocore(service: str, name: str, region: str) -> None:
    config = Config(s3={"us_east_1_regional_endpoint": "regional"})
    expected: Any = SESSION.create_client(service, region_name=region, config=config)

    found = Endpoint.find({}, service, name, region)

    assert f"https://{found.host}" == expected.meta.endpoint_url


@pytest.mark.parametrize("bucket", ["images", "images.example.com"])
def test_a_bucket_has_the_address_of_botocore(bucket: str) -> None:
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    client: Any = SESSION.create_client(
        "s3", "eu-west-1", aws_access_key_id="key", aws_secret_access_key="secret", config=config
    )
    params = {"Bucket": bucket, "Key": "k"}
    address, _, _ = client.generate_presigned_url("get_object", Params=params).partition("?")

    found, begin = Endpoint.find({}, "s3", "S3", "eu-west-1").of_bucket(bucket)

    assert f"https://{found.host}{begin}k" == address


def test_a_custom_endpoint_has_the_bucket_in_the_path() -> None:
    custom = {"AWS_ENDPOINT_URL": "http://all:1", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:4566"}

    found = Endpoint.find(custom, "s3", "S3", "eu-west-1")

    assert found == Endpoint(is_tls=False, host="127.0.0.1:4566", is_custom=True)
    assert found.of_bucket("b") == (found, "/b/")
    assert Endpoint.find(custom, "dynamodb", "DYNAMODB", "eu-west-1").host == "all:1"
