"""The signature of a webhook, as the sender makes it and the receiver verifies it.

WebhookInvalid                               the request is not from your stack, or came too late
├── SignatureMalformed  signature_malformed  the header is missing or has another form
├── SignatureMismatch   signature_mismatch   signed with another secret, or the body was changed
├── SignatureExpired    signature_expired    signed too long ago, or in the future
└── BodyMalformed       body_malformed       signed with your secret, but not a completion event
"""

import hmac
import json
import re
import time
from collections.abc import Sequence
from typing import Any

from imagemill.dataclass import dataclass
from imagemill.errors import ImagemillError

# The request header with the time and the signatures.
SIGNATURE_HEADER = "Imagemill-Signature"
# Longest difference between the time of a signature and that of the receiver, s.
TOLERANCE_S = 300
# Longest header that is read, in characters; one with two signatures has 150.
_MOST_CHARACTERS = 1024
# A time in epoch seconds.
_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)


class WebhookInvalid(ImagemillError):
    """A request that is not a webhook of your stack: answer it with 400, and do nothing else."""

    code = "webhook_invalid"


class SignatureMalformed(WebhookInvalid):
    """The header is missing, or has no time or no signature."""

    code = "signature_malformed"


class SignatureMismatch(WebhookInvalid):
    """No signature was made of this body and this time with one of the secrets."""

    code = "signature_mismatch"


class SignatureExpired(WebhookInvalid):
    """The signature is right, but too old or from the future: a replay, or a clock is wrong."""

    code = "signature_expired"


class BodyMalformed(WebhookInvalid):
    """The signature is right, but the body is no completion event."""

    code = "body_malformed"


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A completion event, with the values that EventBridge gives its rules.

    `id` is the same in every delivery of the event, `detail_type` is for example "Image ready",
    `time` is ISO 8601 in UTC, and docs/image-event.schema.json describes `detail`.
    """

    id: str
    detail_type: str
    time: str
    detail: dict[str, Any]


def sign(body: bytes, secrets: str | Sequence[str], timestamp: int) -> str:
    """Return the value of the header for a body; it has one signature for each secret.

    `timestamp` is the present time in epoch seconds. For senders, and for tests of receivers.
    """
    made = (f"v1={_signature(secret, str(timestamp), body)}" for secret in _each(secrets))
    return ",".join([f"t={timestamp}", *made])


def verify(
    body: bytes,
    header: str | None,
    secrets: str | Sequence[str],
    *,
    now: float | None = None,
    tolerance_s: float = TOLERANCE_S,
) -> WebhookEvent:
    """Return the event of a request; raises WebhookInvalid if the request is not authentic.

    `body` has the bytes as they were received: JSON that was parsed and written again differs.
    `secrets` is the secret of the stack, or several that are valid. `now` is in epoch seconds,
    by default the present time. Raises ValueError for an empty secret.
    """
    timestamp, signatures = _parsed(header)
    expected = [_signature(secret, timestamp, body) for secret in _each(secrets)]
    # All are compared, so that the duration does not tell which one is right.
    matches = [_are_equal(one, other) for one in expected for other in signatures]
    if not any(matches):
        raise SignatureMismatch("no signature of the webhook was made with this secret")
    if abs((time.time() if now is None else now) - int(timestamp)) > tolerance_s:
        raise SignatureExpired(f"the webhook was signed more than {tolerance_s:g} s from now")
    return _event(body)


def _parsed(header: str | None) -> tuple[str, list[str]]:
    """Return the time and the signatures of a header; other fields are for later versions."""
    if not header or len(header) > _MOST_CHARACTERS:
        raise SignatureMalformed(f"expected a header {SIGNATURE_HEADER}")
    fields = [tuple(part.strip(" \t").partition("=")[::2]) for part in header.split(",")]
    times = [value for name, value in fields if name == "t"]
    signatures = [value for name, value in fields if name == "v1"]
    if len(times) != 1 or not _TIME.fullmatch(times[0]) or not signatures:
        raise SignatureMalformed(f"expected t=TIME,v1=SIGNATURE in {SIGNATURE_HEADER}")
    return times[0], signatures


def _signature(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()


def _are_equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode(errors="replace"))


def _each(secrets: str | Sequence[str]) -> Sequence[str]:
    """Return the secrets; with an empty one, anybody could sign."""
    found = [secrets] if isinstance(secrets, str) else secrets
    if not found or not all(found):
        raise ValueError("expected the secret of the webhooks, got an empty text")
    return found


def _event(body: bytes) -> WebhookEvent:
    try:
        found = json.loads(body)
        event = WebhookEvent(found["id"], found["detail-type"], found["time"], found["detail"])
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        raise BodyMalformed("expected a completion event as JSON") from fault
    texts = (event.id, event.detail_type, event.time)
    if not all(isinstance(text, str) for text in texts) or not isinstance(event.detail, dict):
        raise BodyMalformed("expected a completion event as JSON")
    return event
