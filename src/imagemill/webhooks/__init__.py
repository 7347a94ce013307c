"""Webhooks: verify a request of imagemill at your own server, with the standard library alone.

    event = webhooks.verify(body, headers.get(webhooks.SIGNATURE_HEADER), secret)

docs/webhooks.md describes the header, the body and the delivery. The other modules of this package
send webhooks, and are loaded by WebhookFunction only.
"""

from imagemill.webhooks.signatures import (
    SIGNATURE_HEADER,
    TOLERANCE_S,
    BodyMalformed,
    SignatureExpired,
    SignatureMalformed,
    SignatureMismatch,
    WebhookEvent,
    WebhookInvalid,
    sign,
    verify,
)

__all__ = [
    "SIGNATURE_HEADER",
    "TOLERANCE_S",
    "BodyMalformed",
    "SignatureExpired",
    "SignatureMalformed",
    "SignatureMismatch",
    "WebhookEvent",
    "WebhookInvalid",
    "sign",
    "verify",
]
