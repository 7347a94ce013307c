"""Presigned URLs and upload forms are those of botocore."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.config import Config
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st

from imagemill.aws.light.presign import Condition, S3Presigner

# One for all tests, because it reads the descriptions of the services.
SESSION = Session()
KEYS = [
    "a.jpg",
    "holiday 2026/été+sun (1).JPG",
    "x/../y//z",
    "/a/",
    "%2B&=?#;:@$,.png",
    "日本/🦊",
    "a~b_c-d.e*f'g!h\"<>|{}[]^`\\",
    "tab\tnew\nline\x7f",
]
TOKENS = ["", "IQoJ//+=&é?"]
REGIONS = ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]
SHOWN = {
    "ResponseContentType": "image/vnd.microsoft.icon",
    "ResponseContentDisposition": "inline; filename=\"_a b.jpg\"; filename*=UTF-8''%C3%A9a%20b.jpg",
    "ResponseCacheControl": "private, max-age=31536000, immutable",
}
QUERY = {
    "response-content-type": SHOWN["ResponseContentType"],
    "response-content-disposition": SHOWN["ResponseContentDisposition"],
    "response-cache-control": SHOWN["ResponseCacheControl"],
}
CONDITIONS: list[Condition] = [{"Content-Type": "image/png"}, ["content-length-range", 1, 1_124]]
LIFETIME_S = 900


def environ(region: str = "eu-west-1", token: str = "", **more: str) -> Mapping[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "key/+",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": token,
        "AWS_REGION": region,
        **more,
    }


def client_of(environment: Mapping[str, str]) -> Any:  # noqa: ANN401  # botocore's
    """Return botocore's client with the same credentials."""
    return made_client(tuple(environment.items()))


# A client takes longer to make than a test to run.
@cache
def made_client(variables: tuple[tuple[str, str], ...]) -> Any:  # noqa: ANN401  # botocore's
    environment = dict(variables)
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    )
    return SESSION.create_client(
        "s3",
        environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment["AWS_SESSION_TOKEN"] or None,
        config=config,
        endpoint_url=environment.get("AWS_ENDPOINT_URL"),
    )


def presigner_at(timestamp: str, environment: Mapping[str, str]) -> S3Presigner:
    """Return a presigner whose clock has stopped at a time such as 20261122T101112Z."""
    moment = datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return S3Presigner(environment, moment.timestamp)


def assert_same_url(environment: Mapping[str, str], bucket: str, key: str) -> None:
    params = {"Bucket": bucket, "Key": key, **SHOWN}
    client = client_of(environment)
    expected = client.generate_presigned_url("get_object", Params=params, ExpiresIn=LIFETIME_S)
    [timestamp] = parse_qs(urlsplit(expected).query)["X-Amz-Date"]

    url = presigner_at(timestamp, environment).get_object_url(bucket, key, QUERY, LIFETIME_S)

    assert parts_of(url) == parts_of(expected)


def parts_of(url: str) -> tuple[str, list[str]]:
    """Return a URL without its query, and the sorted parameters.

    With the package awscrt, botocore writes them in another order.
    """
    address, _, query = url.partition("?")
    return address, sorted(query.split("&"))


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("key", KEYS)
def test_a_url_of_any_key_is_that_of_botocore(key: str, token: str) -> None:
    assert_same_url(environ(token=token), "images", key)


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_a_url_of_any_text_is_that_of_botocore(key: str) -> None:
    assert_same_url(environ(), "images", key)


@pytest.mark.parametrize("bucket", ["images", "images.example.com"])
@pytest.mark.parametrize("region", REGIONS)
def test_a_url_in_any_region_is_that_of_botocore(region: str, bucket: str) -> None:
    assert_same_url(environ(region), bucket, "a b.jpg")


def test_a_url_at_a_custom_endpoint_is_that_of_botocore() -> None:
    assert_same_url(environ(AWS_ENDPOINT_URL="http://127.0.0.1:4566"), "images", "a b.jpg")


@pytest.mark.parametrize(
    ("environment", "bucket"),
    [
        (environ(), "images"),
        (environ("us-east-1", TOKENS[1]), "images"),
        (environ("cn-north-1"), "images.example.com"),
        (environ(AWS_ENDPOINT_URL="http://127.0.0.1:4566"), "images"),
    ],
)
@pytest.mark.parametrize("key", KEYS)
def test_a_form_is_that_of_botocore(environment: Mapping[str, str], bucket: str, key: str) -> None:
    expected = client_of(environment).generate_presigned_post(
        bucket, key, {"Content-Type": "image/png"}, list(CONDITIONS), LIFETIME_S
    )
    presigner = presigner_at(expected["fields"]["x-amz-date"], environment)

    form = presigner.post_form(bucket, key, CONDITIONS, LIFETIME_S)

    assert form.url == expected["url"]
    assert list(form.fields) == list(expected["fields"])
    signed = {"policy", "x-amz-signature"}
    assert {n: v for n, v in form.fields.items() if n not in signed} == {
        name: value for name, value in expected["fields"].items() if name not in signed
    }
    assert policy(form.fields)["conditions"] == policy(expected["fields"])["conditions"]


def test_the_signature_of_a_form_is_that_of_botocore() -> None:
    environment = environ(token=TOKENS[1])
    client = client_of(environment)
    # botocore takes the time twice; both are in the same second at most of the attempts.
    made = (client.generate_presigned_post("b", "k", ExpiresIn=LIFETIME_S) for _ in range(50))
    expected = next(form["fields"] for form in made if is_of_one_second(form["fields"]))

    form = presigner_at(expected["x-amz-date"], environment).post_form("b", "k", [], LIFETIME_S)

    assert form.fields == expected


def test_a_url_after_midnight_is_signed_with_the_key_of_the_new_day() -> None:
    times = [datetime(2026, 11, day, 12, tzinfo=UTC) for day in (22, 22, 23)]
    presigner = S3Presigner(environ(), lambda: times.pop(0).timestamp())

    urls = [presigner.get_object_url("b", "k", {}, LIFETIME_S) for _ in range(3)]

    again = presigner_at("20261123T120000Z", environ()).get_object_url("b", "k", {}, LIFETIME_S)
    assert urls[0] == urls[1]
    assert urls[2] == again != urls[1]


def policy(fields: Mapping[str, str]) -> dict[str, Any]:
    return dict(json.loads(base64.b64decode(fields["policy"])))


def is_of_one_second(fields: Mapping[str, str]) -> bool:
    signed = datetime.strptime(fields["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    expires = datetime.fromisoformat(policy(fields)["expiration"])
    return (expires - signed).total_seconds() == LIFETIME_S


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("token", TOKENS)
def test_the_url_of_a_part_is_that_of_botocore(key: str, token: str) -> None:
    environment = environ(token=token)
    params = {
        "Bucket": "originals",
        "Key": key,
        "PartNumber": 2,
        "UploadId": "u/1+",
        "ContentLength": 7,
        "ChecksumSHA256": "c2hh",
    }
    client = client_of(environment)

    expected = client.generate_presigned_url("upload_part", Params=params, ExpiresIn=LIFETIME_S)

    wanted = parse_qs(urlsplit(expected).query)
    own = presigner_at(wanted["X-Amz-Date"][0], environment)
    found = own.put_url(
        "originals",
        key,
        {"partNumber": "2", "uploadId": "u/1+"},
        {"content-length": "7", "x-amz-checksum-sha256": "c2hh"},
        LIFETIME_S,
    )
    assert urlsplit(found).path == urlsplit(expected).path
    assert parse_qs(urlsplit(found).query) == wanted
