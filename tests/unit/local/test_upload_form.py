"""Forms signed by botocore are valid, and any change of their signed part makes them invalid."""

from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.session import Session
from fakes.gate import BUCKET, ENDPOINT, OWNER, ROLE, FakeLookups, now

from imagemill.local.sigv4 import Refused
from imagemill.local.upload_form import Form, boundary_of, check_end, read_fields, verify_form

LOOKUP = FakeLookups().credential
BOUNDARY = b"--XBOUND"


@cache
def client(keys: Credentials) -> Any:  # noqa: ANN401  # botocore's clients have no types
    return Session().create_client(
        "s3",
        "us-east-1",
        endpoint_url=ENDPOINT,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.token,
        config=Config(signature_version="s3v4"),
    )


def fields(keys: Credentials = ROLE, **more: str) -> dict[str, str]:
    """Return the fields of a form that botocore has signed."""
    signed = client(keys).generate_presigned_post(Bucket=BUCKET, Key="a.jpg", ExpiresIn=900)
    return dict(signed["fields"]) | more


def body(parts: dict[str, str], file: bytes = b"bytes", after: bytes = b"") -> bytes:
    lines = [
        b'--XBOUND\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
        % (name.encode(), value.encode())
        for name, value in parts.items()
    ]
    head = b'Content-Disposition: form-data; name="file"; filename="x"\r\nContent-Type: image/png'
    return (
        b"".join(lines)
        + b"--XBOUND\r\n"
        + head
        + b"\r\n\r\n"
        + file
        + b"\r\n"
        + after
        + b"--XBOUND--\r\n"
    )


def form(data: bytes) -> Form:
    found = read_fields(data, BOUNDARY)
    assert found is not None
    return found


def refusal(parts: dict[str, str], *, later: timedelta = timedelta()) -> str:
    with pytest.raises(Refused) as caught:
        verify_form(form(body(parts)), LOOKUP, now() + later)
    return caught.value.code


@pytest.mark.parametrize("keys", [ROLE, OWNER])
def test_a_form_signed_by_botocore_is_valid(keys: Credentials) -> None:
    data = body(fields(keys))

    verify_form(form(data), LOOKUP, now())
    check_end(form(data), data)

    assert data[form(data).file_at :].startswith(b"bytes")


def test_a_form_expires() -> None:
    assert refusal(fields(), later=timedelta(minutes=16)) == "AccessDenied"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (
            {"policy": "eyJleHBpcmF0aW9uIjogIjIwOTktMDEtMDFUMDA6MDA6MDBaIn0="},
            "SignatureDoesNotMatch",
        ),
        ({"x-amz-signature": "0" * 64}, "SignatureDoesNotMatch"),
        ({"x-amz-signature": "é"}, "SignatureDoesNotMatch"),
        ({"x-amz-security-token": "another"}, "InvalidToken"),
        ({"x-amz-credential": "test/20261129/us-east-1/s3/aws4_request"}, "InvalidAccessKeyId"),
        (
            {"x-amz-credential": "LKIAOWNEROWNEROWNER2/20261129/us-east-1/sqs/aws4_request"},
            "AccessDenied",
        ),
        ({"x-amz-algorithm": "none"}, "AccessDenied"),
        ({"awsaccesskeyid": "test"}, "AccessDenied"),
        ({"AWSAccessKeyId": "test", "Signature": "x"}, "AccessDenied"),
        ({"X-AMZ-Credential": "test/20261129/us-east-1/s3/aws4_request"}, "InvalidArgument"),
    ],
)
def test_a_changed_form_is_refused(changed: dict[str, str], code: str) -> None:
    assert refusal(fields() | changed) == code


@pytest.mark.parametrize(
    "parts", [{}, {"key": "a.jpg"}, {"key": "a", "x-amz-credential": "test/1"}]
)
def test_a_form_without_a_signature_is_refused(parts: dict[str, str]) -> None:
    assert refusal(parts) == "AccessDenied"


def test_a_form_is_read_from_its_first_bytes() -> None:
    data = body(fields())

    ends = [read_fields(data[:end], BOUNDARY) for end in range(form(data).file_at)]

    assert ends == [None] * len(ends)


@pytest.mark.parametrize(
    "data",
    [
        body({}, after=b'--XBOUND\r\nContent-Disposition: form-data; name="key"\r\n\r\nb\r\n'),
        body({}, file=b"one\r\n--XBOUND two"),
        body({}) + b"more",
        body({})[:-12],
    ],
    ids=["a field after the file", "the boundary in the file", "an epilogue", "no end"],
)
def test_data_after_the_file_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        check_end(form(data), data)


@pytest.mark.parametrize(
    "data",
    [
        b"preamble\r\n" + body({}),
        b"--XBOUND\r\nContent-Type: a/b\r\n\r\nx\r\n" + body({}),
        b"--XBOUND\nContent-Disposition: form-data; name=key\n\nx\n" + body({}),
        body({"key": "a", "KEY": "b"}),
    ],
)
def test_an_ambiguous_form_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        read_fields(data, BOUNDARY)


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "multipart/mixed; boundary=a",
        "multipart/form-data",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=a, multipart/form-data; boundary=b",
    ],
)
def test_another_media_type_is_no_form(kind: str) -> None:
    with pytest.raises(Refused):
        boundary_of(kind)
