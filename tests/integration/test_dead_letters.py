"""A cause that lasts: four tries, a failed record, a dead letter, and back again."""

import json
import secrets
import time

from fakes.images import jpeg
from live.stack import PATIENCE_S, Stack, owner_of

from imagemill.aws.queues import DeadLetterQueue
from imagemill.operations.dead_letters import failures, redrive


def test_a_failed_image_is_told_kept_and_ready_once_the_cause_is_gone(impatient: Stack) -> None:
    iam = owner_of(impatient.address).client("iam", endpoint_url=impatient.address.endpoint)
    role = next(r["RoleName"] for r in iam.list_roles()["Roles"] if "Resize" in r["RoleName"])
    rights = iam.get_role_policy(RoleName=role, PolicyName="resize")["PolicyDocument"]
    key = f"{secrets.token_hex(4)}.jpg"
    letters = DeadLetterQueue(
        impatient.sqs, impatient.address.dead_letter_queue_url, impatient.address.queue_url
    )
    fewer = json.dumps(rights).replace("s3:PutObject", "s3:GetObject")
    iam.put_role_policy(RoleName=role, PolicyName="resize", PolicyDocument=fewer)

    impatient.put(key, jpeg(300, 200))
    dead = _awaited_letters(letters, impatient)
    failed = impatient.awaited(key, "failed")
    impatient.put(f"{key}.txt", b"words")
    neighbour = impatient.settled(f"{key}.txt")
    iam.put_role_policy(RoleName=role, PolicyName="resize", PolicyDocument=json.dumps(rights))
    sent = list(redrive(letters, impatient.records, lambda _: True))
    healed = impatient.awaited(key, "ready")

    assert failed.error is not None
    assert (failed.attempts, failed.error.code) == (4, "store_unavailable")
    assert dead == [(key, "store_unavailable")]
    assert (neighbour.status, neighbour.attempts) == ("rejected", 1)
    assert [failure.key for failure in sent] == [key]
    assert list(healed.renditions) == ["100"]
    assert failures(letters, impatient.records) == []


def _awaited_letters(letters: DeadLetterQueue, stack: Stack) -> list[tuple[str, str]]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := failures(letters, stack.records):
            return [(failure.key, failure.code) for failure in found]
        time.sleep(0.5)
    return []
