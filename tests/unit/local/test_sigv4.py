"""Signatures of botocore are valid, and any change of a signed request makes them invalid."""

from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote

import pytest
from botocore.credentials import Credentials
from fakes.gate import BUCKET, OWNER, ROLE, FakeLookups, now, presigned, request, signed_headers

from imagemill.local.request import Request
from imagemill.local.sigv4 import Refused, Signed, claimed_key, verify_header, verify_query

LOOKUP = FakeLookups().credential
EMPTY = sha256(b"").hexdigest()
KEYS = ["a.jpg", "a b+c.jpg", "ü/ß.jpg", "a//b.jpg", "x/../y.jpg", "~-_.!*'().jpg", "%41.jpg"]


def header_signed(
    method: str, address: str, service: str, body: bytes = b"", **more: str
) -> Request:
    return request(method, address, signed_headers(method, address, service, body, more))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "query", ["", "?versionId=null", "?tagging", "?prefix=a%20b%2F&list-type=2"]
)
def test_signatures_of_botocore_for_s3_are_valid(key: str, query: str) -> None:
    address = f"/{BUCKET}/{quote(key, safe='/~')}{query}"

    signed = verify_header(header_signed("GET", address, "s3"), EMPTY, LOOKUP, now())

    assert (signed.scope.access_key_id, signed.scope.service) == (OWNER.access_key, "s3")


@pytest.mark.parametrize(
    ("service", "address"),
    [
        ("sqs", "/"),
        ("iam", "/"),
        ("lambda", "/2015-03-31/functions/f%3Ax/invocations?Qualifier=live"),
        ("apigateway", "/tags/arn%3Aaws%3Aapigateway?limit=1"),
        ("apigateway", "//restapis/./x/../y/"),
    ],
)
def test_signatures_of_botocore_for_other_services_are_valid(service: str, address: str) -> None:
    body = b'{"a": 1}'
    asked = header_signed("POST", address, service, body, **{"X-Amz-Target": "A.B"})

    signed = verify_header(asked, sha256(body).hexdigest(), LOOKUP, now())

    assert signed.scope.service == service


@pytest.mark.parametrize("key", KEYS)
def test_presigned_urls_of_botocore_are_valid(key: str) -> None:
    address = presigned("GET", f"/{BUCKET}/{quote(key, safe='/~')}?response-content-type=a%2Fb")

    signed = verify_query(request("GET", address), LOOKUP, now())

    assert signed.scope.access_key_id == ROLE.access_key


def refused(asked: Request, payload: str = EMPTY, *, later: timedelta = timedelta()) -> str:
    """Return the error code of a refused request, signed in its headers or in its query."""
    moment = now() + later
    with pytest.raises(Refused) as caught:
        verify(asked, payload, moment)
    return caught.value.code


def verify(asked: Request, payload: str, moment: datetime) -> Signed:
    if "authorization" in asked.headers:
        return verify_header(asked, payload, LOOKUP, moment)
    return verify_query(asked, LOOKUP, moment)


def test_a_header_signature_covers_all_of_the_request() -> None:
    headers = signed_headers("PUT", "/originals/a?x=1", "s3", b"body", {"x-amz-meta-a": "1"})
    payload = headers["x-amz-content-sha256"]

    def ends(method: str, address: str, changed: dict[str, str], payload: str = payload) -> str:
        return refused(request(method, address, headers | changed), payload)

    wrong = "SignatureDoesNotMatch"
    assert ends("DELETE", "/originals/a?x=1", {}) == wrong
    assert ends("PUT", "/originals/b?x=1", {}) == wrong
    assert ends("PUT", "/originals/%61/../a?x=1", {}) == wrong
    assert ends("PUT", "/originals/a?x=2", {}) == wrong
    assert ends("PUT", "/originals/a?x=1&acl", {}) == wrong
    assert ends("PUT", "/originals/a?x=1", {"x-amz-meta-a": "2"}) == wrong
    assert ends("PUT", "/originals/a?x=1", {"host": "localhost:4566"}) == wrong
    assert ends("PUT", "/originals/a?x=1", {}, EMPTY) == wrong
    assert ends("PUT", "/originals/a?x=1", {"x-amz-copy-source": "/b/c"}) == "AccessDenied"
    assert (
        ends("PUT", "/originals/a?x=1", {"x-amz-date": "20200101T000000Z"})
        == "RequestTimeTooSkewed"
    )


def test_the_signature_of_a_presigned_url_covers_method_path_and_query() -> None:
    address = presigned("GET", "/originals/a?versionId=1")

    assert refused(request("PUT", address)) == "SignatureDoesNotMatch"
    assert refused(request("GET", address.replace("/a?", "/b?"))) == "SignatureDoesNotMatch"
    assert (
        refused(request("GET", address.replace("versionId=1", "versionId=2")))
        == "SignatureDoesNotMatch"
    )
    assert refused(request("GET", f"{address}&acl")) == "SignatureDoesNotMatch"
    assert refused(request("GET", address, {"x-amz-target": "A.B"})) == "AccessDenied"
    assert refused(request("GET", f"{address}&x-amz-credential=k")) == "InvalidRequest"
    assert refused(request("GET", f"{address}&X-Amz-Date=20200101T000000Z")) == "InvalidRequest"


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_header_signature_is_valid_for_fifteen_minutes(minutes: int) -> None:
    asked = header_signed("GET", "/originals", "s3")

    assert refused(asked, later=timedelta(minutes=minutes)) == "RequestTimeTooSkewed"
    verify_header(asked, EMPTY, LOOKUP, now() + timedelta(minutes=minutes * 14 / 16))


def test_a_presigned_url_expires() -> None:
    asked = request("GET", presigned("GET", "/originals/a", expires_s=60))

    verify_query(asked, LOOKUP, now() + timedelta(seconds=50))
    assert refused(asked, later=timedelta(seconds=70)) == "AccessDenied"
    assert refused(asked, later=timedelta(minutes=-16)) == "AccessDenied"


def test_a_presigned_url_is_valid_for_a_week_at_most() -> None:
    asked = request("GET", presigned("GET", "/originals/a", expires_s=604_801))

    assert refused(asked) == "AuthorizationQueryParametersError"


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        (Credentials("test", "test"), "InvalidAccessKeyId"),
        (Credentials("000000000000", "test"), "InvalidAccessKeyId"),
        (Credentials("000000000000000000", "test"), "InvalidClientTokenId"),
        (Credentials(OWNER.access_key, "test"), "SignatureDoesNotMatch"),
        (Credentials(OWNER.access_key, ""), "SignatureDoesNotMatch"),
        (Credentials(ROLE.access_key, ROLE.secret_key), "InvalidToken"),
        (Credentials(ROLE.access_key, ROLE.secret_key, "another"), "InvalidToken"),
        (Credentials(OWNER.access_key, OWNER.secret_key, "extra"), "InvalidToken"),
    ],
    ids=[
        "test",
        "an account",
        "a longer number",
        "wrong",
        "none",
        "no token",
        "wrong token",
        "extra",
    ],
)
def test_an_unknown_key_or_session_token_is_refused(keys: Credentials, code: str) -> None:
    headers = signed_headers("GET", "/originals", "s3", keys=keys)

    assert refused(request("GET", "/originals", headers)) == code
    assert refused(request("GET", presigned("GET", "/originals/a", keys))) == code


def test_presigned_urls_of_other_services_are_refused() -> None:
    address = presigned("GET", "/?Action=CreateQueue", OWNER, service="sqs")

    assert refused(request("GET", address)) == "AccessDenied"


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS key:signature",
        "AWS4-ECDSA-P256-SHA256 Credential=KEY/20261129/s3/aws4_request, Signature=00",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=LKIAOWNEROWNEROWNER2/1/2/3/4",
        "aws4-hmac-sha256 Credential=a, SignedHeaders=host, Signature=00",
    ],
)
def test_a_malformed_authorization_header_is_refused(authorization: str) -> None:
    with pytest.raises(Refused, match="malformed"):
        claimed_key(request("GET", "/originals", {"authorization": authorization}))


def test_signature_version_2_is_refused_with_advice() -> None:
    asked = request("GET", "/originals/a?AWSAccessKeyId=LKIA&Signature=x&Expires=9999999999")

    with pytest.raises(Refused, match="set signature_version=s3v4"):
        verify_query(asked, LOOKUP, now())


def test_a_request_signed_in_two_ways_is_refused() -> None:
    headers = signed_headers("GET", "/originals/a", "s3")

    assert (
        refused(request("GET", presigned("GET", "/originals/a"), headers)) == "IncompleteSignature"
    )
