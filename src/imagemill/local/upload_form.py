"""Parse upload forms of browsers (S3 POST Object), and verify the signature of their policy.

Source: "Browser-based uploads using POST" in the S3 API Reference.
"""

import json
import re
from base64 import b64decode
from datetime import UTC, datetime
from hmac import compare_digest

from imagemill.dataclass import dataclass
from imagemill.local.sigv4 import (
    ALGORITHM,
    Lookup,
    Refused,
    known,
    parse_moment,
    parse_scope,
    signature_of,
)

# Largest size of the fields before the file, in bytes; S3 allows 20 KB.
MAX_FIELDS_BYTES = 24_576
_TYPE = re.compile(
    r"multipart/form-data; ?boundary=(\"?)([A-Za-z0-9'()+_./:=?-]{1,70})\1", re.IGNORECASE
)
_FIELD = re.compile(
    rb'content-disposition: form-data; name="([^"\r\n]*)"((?:;[^\r\n]*)?)((?:\r\n[^\r\n]+)*)',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Form:
    """The fields before the file, with names in lower case, and the offset of the file's bytes."""

    fields: dict[str, str]
    file_at: int
    boundary: bytes


def boundary_of(content_type: str) -> bytes:
    """Return the boundary of a multipart body; raises Refused for any other media type."""
    found = _TYPE.fullmatch(content_type)
    if found is None:
        raise Refused("AccessDenied", "not an upload form")
    return b"--" + found[2].encode()


def read_fields(beginning: bytes, boundary: bytes) -> Form | None:
    """Return the fields up to the file; None if the file has not begun; raises Refused.

    `beginning` is the first part of the body, or all of it.
    """
    fields: dict[str, str] = {}
    at = len(boundary) + 2
    if not (boundary + b"\r\n").startswith(beginning[:at]):
        raise Refused("MalformedPOSTRequest", "the form does not begin with its boundary")
    while (head_end := beginning.find(b"\r\n\r\n", at)) >= 0:
        found = _FIELD.fullmatch(beginning, at, head_end)
        if found is None:
            raise Refused("MalformedPOSTRequest", "a field of the form is malformed")
        name = found[1].decode("utf-8", "replace").lower()
        if name == "file":
            return Form(fields, head_end + 4, boundary)
        value_end = beginning.find(b"\r\n" + boundary + b"\r\n", head_end + 4)
        if value_end < 0:
            return None
        if name in fields:
            raise Refused("InvalidArgument", f"the form has more than one field {name!r}")
        fields[name] = beginning[head_end + 4 : value_end].decode("utf-8", "replace")
        at = value_end + len(boundary) + 4
    return None


def check_end(form: Form, body: bytes) -> None:
    """Raise Refused if data follows the file, or if its bytes contain the boundary."""
    end = body.find(form.boundary, form.file_at)
    if end < 0 or body[end - 2 : end] != b"\r\n":
        raise Refused("MalformedPOSTRequest", "the form has no end")
    if body[end + len(form.boundary) :].rstrip(b"\r\n") != b"--":
        raise Refused("MalformedPOSTRequest", "data follows the file in the form")


def verify_form(form: Form, lookup: Lookup, now: datetime) -> None:
    """Raise Refused unless the form has a valid policy that is signed with a known key."""
    fields = form.fields
    if (
        fields.get("x-amz-algorithm") != ALGORITHM
        or {"awsaccesskeyid", "signature"} & fields.keys()
    ):
        raise Refused("AccessDenied", "the form is not signed")
    scope = parse_scope(fields.get("x-amz-credential", ""))
    moment = fields.get("x-amz-date", "")
    parse_moment(moment)
    if scope.service != "s3" or moment[:8] != scope.date:
        raise Refused("AccessDenied", "the form is signed for another service or date")
    credential = known(scope, fields.get("x-amz-security-token", ""), lookup)
    policy = fields.get("policy", "")
    signature = signature_of(credential.secret, scope, policy)
    if not compare_digest(signature.encode(), fields.get("x-amz-signature", "").encode()):
        raise Refused("SignatureDoesNotMatch", "the signature does not match the policy")
    if _expiry(policy) <= now:
        raise Refused("AccessDenied", "Invalid according to Policy: Policy expired.")


def _expiry(policy: str) -> datetime:
    try:
        text = str(json.loads(b64decode(policy, validate=True))["expiration"])
        moment = datetime.fromisoformat(text)
    except (ValueError, KeyError, TypeError) as fault:
        raise Refused("InvalidPolicyDocument", "the policy is malformed") from fault
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
