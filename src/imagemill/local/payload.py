"""Verify the body of a signed request against the hash or the chunk signatures."""

import re
from hashlib import sha256
from hmac import compare_digest

from imagemill.local.sigv4 import UNSIGNED_PAYLOAD, Refused, Signed, signature_of

_UNSIGNED_STREAM = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_SIGNED_STREAMS = frozenset(
    {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"}
)
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8});chunk-signature=([0-9a-f]{64})")
_EMPTY = sha256(b"").hexdigest()


def check_payload(signed: Signed, body: bytes) -> None:
    """Raise Refused unless the body matches its signature, or S3 accepts it unsigned."""
    if signed.payload in {UNSIGNED_PAYLOAD, _UNSIGNED_STREAM}:
        if signed.scope.service != "s3":
            raise Refused("SignatureDoesNotMatch", "only S3 accepts an unsigned body")
    elif signed.payload in _SIGNED_STREAMS:
        _check_chunks(signed, body)
    elif not compare_digest(signed.payload, sha256(body).hexdigest()):
        raise Refused("XAmzContentSHA256Mismatch", "the body does not match its signed hash")


def _check_chunks(signed: Signed, body: bytes) -> None:
    """Raise Refused unless each chunk has a valid signature, which covers the one before it."""
    previous, start = signed.signature, 0
    while True:
        end = body.find(b"\r\n", start)
        found = _CHUNK.fullmatch(body, start, end) if end >= 0 else None
        if found is None:
            raise Refused("SignatureDoesNotMatch", "a chunk of the body is not signed")
        size = int(found[1], 16)
        chunk = memoryview(body)[end + 2 : end + 2 + size]
        previous = _chunk_signature(signed, previous, chunk)
        if not compare_digest(previous, found[2].decode()):
            raise Refused(
                "SignatureDoesNotMatch", "a chunk of the body does not match its signature"
            )
        if size == 0:
            return
        start = end + 2 + size + 2


def _chunk_signature(signed: Signed, previous: str, chunk: memoryview) -> str:
    scope = signed.scope
    lines = (
        "AWS4-HMAC-SHA256-PAYLOAD",
        signed.moment,
        str(scope),
        previous,
        _EMPTY,
        sha256(chunk).hexdigest(),
    )
    return signature_of(signed.credential.secret, scope, "\n".join(lines))
