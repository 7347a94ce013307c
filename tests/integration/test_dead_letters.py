"""A lasting failure: four attempts, a failed record, a dead letter, and its redrive."""

import json
import secrets
import time

from fakes.images import jpeg
from live.stack import TIMEOUT_S, Stack, owner_session

from imagemill.aws.queues import DeadLetterQueue
from imagemill.operations.dead_letters import failures, redrive


def test_a_failed_image_becomes_ready_after_a_redrive_once_the_cause_is_removed(
    short_retry_stack: Stack,
) -> None:
    iam = owner_session(short_retry_stack.address).client(
        "iam", endpoint_url=short_retry_stack.address.endpoint
    )
    role = next(r["RoleName"] for r in iam.list_roles()["Roles"] if "Resize" in r["RoleName"])
    rights = iam.get_role_policy(RoleName=role, PolicyName="resize")["PolicyDocument"]
    key = f"{secrets.token_hex(4)}.jpg"
    dead_letters = DeadLetterQueue(
        short_retry_stack.sqs,
        short_retry_stack.address.dead_letter_queue_url,
        short_retry_stack.address.queue_url,
    )
    fewer = json.dumps(rights).replace("s3:PutObject", "s3:GetObject")
    iam.put_role_policy(RoleName=role, PolicyName="resize", PolicyDocument=fewer)

    short_retry_stack.put(key, jpeg(300, 200))
    dead = _wait_for_letters(dead_letters, short_retry_stack)
    failed = short_retry_stack.wait_for_status(key, "failed")
    short_retry_stack.put(f"{key}.txt", b"words")
    neighbour = short_retry_stack.wait_until_final(f"{key}.txt")
    iam.put_role_policy(RoleName=role, PolicyName="resize", PolicyDocument=json.dumps(rights))
    sent = list(redrive(dead_letters, short_retry_stack.records, lambda _: True))
    redriven = short_retry_stack.wait_for_status(key, "ready")

    assert failed.error is not None
    assert (failed.attempts, failed.error.code) == (4, "store_unavailable")
    assert dead == [(key, "store_unavailable")]
    assert (neighbour.status, neighbour.attempts) == ("rejected", 1)
    assert [failure.key for failure in sent] == [key]
    assert list(redriven.renditions) == ["100"]
    assert failures(dead_letters, short_retry_stack.records) == []


def _wait_for_letters(dead_letters: DeadLetterQueue, stack: Stack) -> list[tuple[str, str]]:
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if found := failures(dead_letters, stack.records):
            return [(failure.key, failure.code) for failure in found]
        time.sleep(0.5)
    return []
