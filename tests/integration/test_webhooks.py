"""Webhooks from the event of an image to the server of the user, on the embedded AWS."""

import secrets

from fakes.images import jpeg
from fakes.webhook_receiver import WebhookReceiver
from live.stack import TIMEOUT_S, Stack, credentials_of

from imagemill.webhooks import SIGNATURE_HEADER, WebhookEvent, verify
from imagemill.wiring.webhook_secret import open_webhook_secret


def test_the_server_gets_a_signed_event_and_again_if_it_refuses_it(
    short_retry_stack: Stack, receiver: WebhookReceiver
) -> None:
    address = short_retry_stack.address
    secret = open_webhook_secret(address.stack, credentials_of(address)).read().present
    key = f"{secrets.token_hex(6)}/été.jpg"
    receiver.refuse_once(key.encode())

    short_retry_stack.put(key, jpeg(60, 40))

    # Without the right to put the message off, it would come after three minutes.
    received = receiver.wait_for(key.encode(), 2, TIMEOUT_S)
    first, second = [
        verify(request.body, request.headers[SIGNATURE_HEADER.lower()], secret, tolerance_s=600)
        for request in received
    ]
    assert first == second
    assert isinstance(first, WebhookEvent)
    assert first.detail_type == "Image ready"
    assert first.detail["image"]["key"] == key
    assert received[0].target == "/hook?from=imagemill"
