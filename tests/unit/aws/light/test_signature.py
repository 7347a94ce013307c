"""Our signatures are botocore's, whatever is signed."""

from typing import Any

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.session import Session

from imagemill.aws.light.credentials import AccessKeys
from imagemill.aws.light.endpoint import Endpoint
from imagemill.aws.light.sigv4 import Signer, in_path, in_query
from imagemill.errors import ConfigurationInvalid

KEYS = [
    "a.jpg",
    "holiday 2026/été+sun (1).JPG",
    "x/../y//z",
    "%2B&=?#.png",
    "日本/🦊",
    "a~b_c-d.e*f'g!h",
]
MOMENT = "20261122T101112Z"
REGIONS = ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1"]


def signed_by_botocore(
    service: str, method: str, url: str, headers: dict[str, str], body: bytes
) -> str:
    """Return the Authorization that botocore gives the same request at the same moment."""
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    request.context["timestamp"] = MOMENT
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    auth = kind(Credentials("key", "secret", "token"), service, "eu-west-1")
    request.headers["X-Amz-Date"] = MOMENT
    request.headers["X-Amz-Security-Token"] = "token"
    if service == "s3":
        request.headers["X-Amz-Content-SHA256"] = auth.payload(request)
    asked = auth.canonical_request(request)
    proof = auth.signature(auth.string_to_sign(request, asked), request)
    names = auth.signed_headers(auth.headers_to_sign(request))
    credential = f"AWS4-HMAC-SHA256 Credential={auth.scope(request)}"
    return f"{credential}, SignedHeaders={names}, Signature={proof}"


def signer(service: str) -> Signer:
    return Signer(lambda: AccessKeys("key", "secret", "token"), "eu-west-1", service)


@pytest.mark.parametrize("version", ["", "3/L4kqtJ+lcp=XRu"])
@pytest.mark.parametrize("key", KEYS)
def test_an_object_of_any_name_is_signed_as_botocore_signs_it(key: str, version: str) -> None:
    address = "/" + in_path(key) + (f"?versionId={in_query(version)}" if version else "")
    headers = {"content-type": "image/webp", "if-none-match": "*", "x-amz-meta-sequencer": "00A1"}

    signed = signer("s3").signed("PUT", address, headers | {"host": "b.s3"}, b"bytes", MOMENT)

    expected = signed_by_botocore("s3", "PUT", f"https://b.s3{address}", headers, b"bytes")
    assert signed["authorization"] == expected


def test_a_header_with_odd_spaces_is_signed_as_botocore_signs_it() -> None:
    headers = {"content-disposition": 'inline;  filename="a   b.jpg" ', "user-agent": "imagemill"}

    signed = signer("s3").signed("PUT", "/k", headers | {"host": "b.s3"}, b"", MOMENT)

    expected = signed_by_botocore("s3", "PUT", "https://b.s3/k", headers, b"")
    assert signed["authorization"] == expected


@pytest.mark.parametrize("service", ["dynamodb", "events"])
def test_a_request_in_json_is_signed_as_botocore_signs_it(service: str) -> None:
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "X.Y"}
    body = '{"key":"日本"}'.encode()

    signed = signer(service).signed("POST", "/", headers | {"host": "h"}, body, MOMENT)

    assert signed["authorization"] == signed_by_botocore(
        service, "POST", "https://h/", headers, body
    )


def test_without_keys_the_one_that_lacks_is_named() -> None:
    with pytest.raises(ConfigurationInvalid, match="AWS_SECRET_ACCESS_KEY"):
        Signer.read({"AWS_ACCESS_KEY_ID": "key", "AWS_REGION": "eu-west-1"}, "s3")


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(("service", "name"), [("s3", "S3"), ("dynamodb", "D"), ("events", "E")])
def test_a_service_answers_where_botocore_asks_it(service: str, name: str, region: str) -> None:
    config = Config(s3={"us_east_1_regional_endpoint": "regional"})
    usual: Any = Session().create_client(service, region_name=region, config=config)

    found = Endpoint.find({}, service, name, region)

    assert f"https://{found.host}" == usual.meta.endpoint_url


@pytest.mark.parametrize("bucket", ["images", "pictures.example.com"])
def test_a_bucket_answers_where_botocore_asks_it(bucket: str) -> None:
    session = Session()
    session.set_credentials("key", "secret")
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    usual: Any = session.create_client("s3", region_name="eu-west-1", config=config)
    params = {"Bucket": bucket, "Key": "k"}
    address, _, _ = usual.generate_presigned_url("get_object", Params=params).partition("?")

    found, begin = Endpoint.find({}, "s3", "S3", "eu-west-1").of_bucket(bucket)

    assert f"https://{found.host}{begin}k" == address


def test_an_endpoint_of_ones_own_has_buckets_in_its_paths() -> None:
    own = {"AWS_ENDPOINT_URL": "http://all:1", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:4566"}

    found = Endpoint.find(own, "s3", "S3", "eu-west-1")

    assert found == Endpoint(is_tls=False, host="127.0.0.1:4566", is_own=True)
    assert found.of_bucket("b") == (found, "/b/")
    assert Endpoint.find(own, "dynamodb", "DYNAMODB", "eu-west-1").host == "all:1"
