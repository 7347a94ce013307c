"""Webhooks from the event of an image to the server of the user, on the embedded AWS."""

import json
import secrets

from fakes.images import jpeg
from fakes.webhook_receiver import WebhookReceiver
from live.stack import TIMEOUT_S, Stack, credentials_of, owner_session

from imagemill.aws.stack_outputs import stack_outputs
from imagemill.local.address import Address
from imagemill.operations.dead_letters import events_in, named, redrive_events
from imagemill.operations.webhook_events import unsent_events
from imagemill.webhooks import SIGNATURE_HEADER, WebhookEvent, verify
from imagemill.wiring.webhook_dead_letters import open_webhook_dead_letters
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


def test_an_event_that_was_not_accepted_is_sent_again_by_a_redrive(
    short_retry_stack: Stack, receiver: WebhookReceiver
) -> None:
    address = short_retry_stack.address
    queue = open_webhook_dead_letters(address.stack, credentials_of(address))
    keys = [f"{secrets.token_hex(6)}/refused.jpg" for _ in range(2)]
    for key in keys:
        event = {
            "id": secrets.token_hex(16),
            "detail-type": "Image ready",
            "source": "imagemill",
            "time": "2026-05-04T10:20:30Z",
            "detail": {"image": {"id": "a" * 26, "key": key}},
        }
        short_retry_stack.sqs.send_message(
            QueueUrl=dead_letters_url(address), MessageBody=json.dumps(event)
        )

    sent = list(redrive_events(queue, unsent_events, named(keys[:1])))

    assert [event.key for event in sent] == keys[:1]
    assert len(receiver.wait_for(keys[0].encode(), 1, TIMEOUT_S)) == 1
    left = [event.key for event in events_in(queue, unsent_events)]
    assert (keys[0] in left, keys[1] in left) == (False, True)


def dead_letters_url(address: Address) -> str:
    client = owner_session(address).client("cloudformation", endpoint_url=address.endpoint)
    return stack_outputs(client, address.stack)["WebhookDeadLetterQueueUrl"]
