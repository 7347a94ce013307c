"""The buckets of the fake: upload forms, and presigned URLs."""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from imagemill.aws.multipart_uploads import CHECKSUM
from imagemill.dataclass import dataclass
from imagemill.domain.event import Focus, UploadChoices
from imagemill.local.request import Malformed, Request
from imagemill.local.sigv4 import Credential, Refused, verify_query
from imagemill.local.upload_form import Form, boundary_of, check_end, read_fields, verify_form
from imagemill.testing.messages import Answer
from imagemill.testing.parts import checksum
from imagemill.testing.pipeline import ORIGINALS, PROCESSED, FakeDeps

# Fields of a form that its policy does not name. Source: "POST Policy" in the S3 API Reference.
_UNNAMED = {"x-amz-signature", "policy", "file"}
_PRESENTED = ("content-type", "content-disposition", "cache-control")


@dataclass(frozen=True, slots=True)
class Buckets:
    """The objects of the fake over HTTP; `lookup` returns the secret of the function's key."""

    deps: FakeDeps
    lookup: Callable[[str], Credential | None]

    def answer(self, request: Request, body: bytes) -> Answer:
        """Answer a request for an object; the errors are those of S3."""
        try:
            if request.method == "POST":
                return self._store(request, body)
            verify_query(request, self.lookup, datetime.now(UTC))
            return self._receive(request, body) if request.method == "PUT" else self._read(request)
        except (Refused, Malformed) as fault:
            code = fault.code if isinstance(fault, Refused) else "InvalidRequest"
            status = _STATUSES.get(code, HTTPStatus.FORBIDDEN)
            text = f"<Error><Code>{code}</Code><Message>{fault}</Message></Error>"
            return Answer(status, {"content-type": "application/xml"}, text.encode())

    def _store(self, request: Request, body: bytes) -> Answer:
        form = read_fields(body, boundary_of(request.header("content-type")))
        if form is None:
            raise Refused("MalformedPOSTRequest", "the form has no file")
        check_end(form, body)
        verify_form(form, self.lookup, datetime.now(UTC))
        end = body.find(form.boundary, form.file_at) - len(b"\r\n")
        data = body[form.file_at : end]
        _check_policy(form, len(data))
        key = form.fields["key"]
        self.deps.originals.upload(key, data, form.fields["content-type"], _choices(form.fields))
        event = self.deps.originals.current(key)
        version = event.version_id if event else ""
        etag = event.etag if event else ""
        headers = {"etag": f'"{etag}"', "x-amz-version-id": version}
        return Answer(HTTPStatus.NO_CONTENT, headers)

    def _receive(self, request: Request, body: bytes) -> Answer:
        """Keep a part of an upload; its length is in the signature."""
        if request.header(CHECKSUM) != checksum(body):
            raise Refused("BadDigest", "the checksum is that of other bytes")
        _, _, key = request.path.lstrip("/").partition("/")
        query = dict(request.query)
        number, upload = int(query["partNumber"]), query["uploadId"]
        part = self.deps.parts.receive(key, upload, number, body)
        if part is None:
            raise Refused("NoSuchUpload", "the upload has ended, or never begun")
        return Answer(HTTPStatus.OK, {"etag": f'"{part.etag}"', CHECKSUM: part.sha256})

    def _read(self, request: Request) -> Answer:
        bucket, _, key = request.path.lstrip("/").partition("/")
        data = self.object(bucket, key)
        if data is None:
            raise Refused("NoSuchKey", "the key does not exist")
        query = dict(request.query)
        headers = {name: query[f"response-{name}"] for name in _PRESENTED}
        return Answer(HTTPStatus.OK, headers, data)

    def object(self, bucket: str, key: str) -> bytes | None:
        """Return the bytes of an object; None if there is none."""
        if bucket == ORIGINALS:
            return self.deps.originals.bytes_of(key)
        stored = self.deps.renditions.objects.get(key) if bucket == PROCESSED else None
        return stored[0] if stored else None


_STATUSES = {
    "NoSuchKey": HTTPStatus.NOT_FOUND,
    "NoSuchUpload": HTTPStatus.NOT_FOUND,
    "BadDigest": HTTPStatus.BAD_REQUEST,
    "EntityTooLarge": HTTPStatus.BAD_REQUEST,
    "EntityTooSmall": HTTPStatus.BAD_REQUEST,
    "MalformedPOSTRequest": HTTPStatus.BAD_REQUEST,
    "InvalidRequest": HTTPStatus.BAD_REQUEST,
}


def _check_policy(form: Form, size: int) -> None:
    """Raise Refused unless the form is one that its policy allows, and no field more."""
    conditions = json.loads(b64decode(form.fields["policy"]))["conditions"]
    wanted: dict[str, Any] = {"bucket": ORIGINALS}
    for condition in conditions:
        if isinstance(condition, dict):
            wanted |= {name.lower(): value for name, value in condition.items()}
            continue
        _, least, most = condition
        if size < least:
            raise Refused("EntityTooSmall", "the file is smaller than the policy allows")
        if size > most:
            raise Refused("EntityTooLarge", "the file is larger than the policy allows")
    given = {name: value for name, value in form.fields.items() if name not in _UNNAMED}
    if given | {"bucket": ORIGINALS} != wanted:
        raise Refused("AccessDenied", "Invalid according to Policy: Policy Condition failed")


def _choices(fields: Mapping[str, str]) -> UploadChoices:
    focus = Focus.parse(fields.get("x-amz-meta-focus", ""))
    return UploadChoices(fields.get("x-amz-meta-recipe", ""), focus)
