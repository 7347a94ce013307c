"""Backfills of a deployed stack with its own state machine and roles."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from fakes.images import jpeg
from fakes.variants import request_of
from live.stack import Stack, credentials_of, owner_session, unused_port

from imagemill.aws.records_table import RecordsTable
from imagemill.backfill.due import Reason
from imagemill.backfill.estimate import BackfillPlan, plan
from imagemill.backfill.execute import Progress, begin, follow, halt
from imagemill.backfill.survey import Selection, survey
from imagemill.config import StackNames
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.keys import image_id
from imagemill.domain.reconciliation import EVERYTHING
from imagemill.domain.record import precedence_of
from imagemill.domain.transitions import pending
from imagemill.local.address import Address
from imagemill.local.up import UpOptions, cloud
from imagemill.wiring.stack import BackfillParts, Queues, StackParts, open_parts


@dataclass(frozen=True)
class BackfillHarness:
    """A separate stack, with its surveys and backfills."""

    stack: Stack
    backfill: BackfillParts
    session: boto3.Session

    def plan(self, prefix: str = "") -> BackfillPlan:
        """Survey the stack and return the plan of a backfill."""
        selection = Selection(prefix, EVERYTHING, self.backfill.recipes)
        found = survey(selection, self.backfill.scan, lambda _: None)
        return plan(found, found.originals + found.ignored, self.backfill.deps.inputs)

    def reasons(self) -> list[tuple[str, Reason]]:
        """Return the key and the reason of everything that is due."""
        return sorted((due.key, due.why) for due in self.plan().due)

    def run(self, run: BackfillRun) -> list[Progress]:
        """Run a backfill to its end and return its progress."""
        agreed = self.plan(run.prefix)
        begin(run, agreed, self.backfill.deps)
        return list(follow(run, agreed, self.backfill.deps))

    def without_events(self, change: Callable[[], object]) -> None:
        """Change the bucket while its notifications are switched off."""
        bucket = self.stack.address.originals_bucket
        configuration = self.stack.s3.get_bucket_notification_configuration(Bucket=bucket)
        queues = {"QueueConfigurations": configuration["QueueConfigurations"]}
        self.stack.s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={}
        )
        change()
        self.stack.s3.put_bucket_notification_configuration(
            Bucket=bucket,
            NotificationConfiguration=queues,  # type: ignore[arg-type]  # as it was read
        )

    def delete_record(self, key: str) -> None:
        """Delete the record of a key."""
        client = self.session.client("dynamodb", endpoint_url=self.stack.address.endpoint)
        client.delete_item(TableName=self.stack.address.table, Key={"id": {"S": image_id(key)}})


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackfillHarness]:
    folder = tmp_path_factory.mktemp("backfill")
    port = unused_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_DATA_HOME", str(folder / "home"))
        with cloud(UpOptions(port, folder / "data", "80")) as (_, address):
            _put_images(_open_harness(address))
        with cloud(UpOptions(port, folder / "data", RULES)) as (_, address):
            yield _open_harness(address)


def _put_images(harness: BackfillHarness) -> None:
    for key in KEYS:
        harness.stack.put(key, jpeg(120, 80))
    for key in KEYS:
        harness.stack.wait_until_final(key)


# Of the later deployment; of the former one every image had 80.
RULES = "raw/ → ignore; r/ -> 90, 30; [hero] -> hero=60; * -> 90"
KEYS = ("old/1.jpg", "old/2.jpg", "old/a b+é.jpg")


def _open_harness(address: Address) -> BackfillHarness:
    session = owner_session(address)
    endpoint = address.endpoint
    stack = Stack(
        address,
        session.client("s3", endpoint_url=endpoint),
        session.client("sqs", endpoint_url=endpoint),
        RecordsTable(session.client("dynamodb", endpoint_url=endpoint), address.table),
    )
    return BackfillHarness(stack, _library(address).backfill(), session)


def _library(address: Address) -> StackParts:
    return open_parts(
        StackNames(address.originals_bucket, address.processed_bucket, address.table),
        Queues(address.queue_url, address.dead_letter_queue_url),
        credentials_of(address),
        address.stack,
        Path(),
    )


def test_a_stopped_run_sends_nothing_and_another_run_completes_the_work(
    harness: BackfillHarness,
) -> None:
    stopped = BackfillRun("stopped", "old/", EVERYTHING)
    before = harness.reasons()
    agreed = harness.plan("old/")
    halt(stopped, harness.backfill.deps)
    harness.backfill.runs.start(stopped, agreed.prefix, harness.backfill.deps.backlog)
    while harness.backfill.runs.is_sending(stopped):
        time.sleep(0.1)
    after_stop = harness.reasons()

    progress = harness.run(BackfillRun("resumed", "old/", EVERYTHING))

    assert before == after_stop == [(key, Reason.STALE) for key in sorted(KEYS)]
    assert progress[-1].end == "done"
    assert harness.stack.rendition_keys("") == {f"90/{key}" for key in KEYS}


def test_every_difference_is_found_and_repaired(harness: BackfillHarness) -> None:
    bucket, processed = (
        harness.stack.address.originals_bucket,
        harness.stack.address.processed_bucket,
    )
    for key in ("m/lost.jpg", "m/changed.jpg", "m/gone.jpg", "m/damaged.jpg"):
        harness.stack.put(key, jpeg(120, 80))
        harness.stack.wait_until_final(key)
    harness.without_events(lambda: harness.stack.put("m/unheard é.jpg", jpeg(60, 40)))
    harness.without_events(lambda: harness.stack.put("m/changed.jpg", jpeg(40, 60)))
    harness.without_events(lambda: harness.stack.s3.delete_object(Bucket=bucket, Key="m/gone.jpg"))
    harness.stack.records.put(pending("m/awaited.jpg", 1, "2026-05-04T10:20:30.000Z", 0))
    harness.stack.s3.delete_object(Bucket=processed, Key="90/m/damaged.jpg")
    for stray in ("former/m/damaged.jpg", "90/m/never.jpg"):
        harness.stack.s3.put_object(
            Bucket=processed, Key=stray, Body=b"x", Metadata={"sequencer": "00AA"}
        )
    harness.delete_record("m/lost.jpg")
    before = harness.reasons()

    progress = harness.run(BackfillRun("mending", "m/", EVERYTHING))

    assert before == [
        ("m/changed.jpg", Reason.CHANGED),
        ("m/damaged.jpg", Reason.DAMAGED),
        ("m/damaged.jpg", Reason.STRAY),
        ("m/gone.jpg", Reason.GONE),
        ("m/lost.jpg", Reason.UNRECORDED),
        ("m/never.jpg", Reason.STRAY),
        ("m/unheard é.jpg", Reason.UNRECORDED),
    ]
    assert (progress[-1].end, harness.reasons()) == ("done", [])
    made = {"changed.jpg", "damaged.jpg", "lost.jpg", "unheard é.jpg"}
    assert {key for key in harness.stack.rendition_keys("") if "/m/" in key} == {
        f"90/m/{name}" for name in made
    }
    gone = harness.stack.records.get(image_id("m/gone.jpg"))
    changed = harness.stack.records.get(image_id("m/changed.jpg"))
    assert (gone and gone.status) == "deleted"
    assert changed is not None
    assert changed.renditions["90"].height == 60


def test_variants_of_former_versions_and_of_no_image_are_found_and_removed(
    harness: BackfillHarness,
) -> None:
    processed = harness.stack.address.processed_bucket
    harness.stack.put("v/a.jpg", jpeg(120, 80))
    own = precedence_of(harness.stack.wait_until_final("v/a.jpg"))
    present = request_of("v/a.jpg", "20x.jpg").key
    outdated = request_of("v/a.jpg", "30x.jpg").key
    orphan = request_of("v/never.jpg", "20x.jpg").key
    # A text is older than a longer one that begins with it.
    older = own.sequencer[:-1]
    sequencers = {present: own.sequencer, outdated: older, orphan: older}
    for key, sequencer in sequencers.items():
        metadata = {
            "sequencer": sequencer,
            "recipe": own.recipe,
            "deployed-at": str(own.deployed_at),
        }
        harness.stack.s3.put_object(Bucket=processed, Key=key, Body=b"x", Metadata=metadata)
    before = harness.reasons()

    progress = harness.run(BackfillRun("variants", "", EVERYTHING))

    assert before == [("", Reason.ORPHANED), ("v/a.jpg", Reason.OUTDATED)]
    assert (progress[-1].end, harness.reasons()) == ("done", [])
    assert harness.stack.rendition_keys("", "~t/") == {present}


def test_a_run_started_by_hand_needs_no_input_and_no_permission_item(
    harness: BackfillHarness,
) -> None:
    endpoint = harness.stack.address.endpoint
    states = harness.session.client(
        "stepfunctions", endpoint_url=endpoint, config=Config(inject_host_prefix=False)
    )
    [machine] = states.list_state_machines()["stateMachines"]
    harness.without_events(lambda: harness.stack.put("n/unheard.jpg", jpeg(60, 40)))

    states.start_execution(stateMachineArn=machine["stateMachineArn"], input="{}")

    assert harness.stack.wait_until_final("n/unheard.jpg").status == "ready"


def test_a_run_with_a_budget_sends_nothing_without_a_client_that_counts(
    harness: BackfillHarness,
) -> None:
    harness.without_events(lambda: harness.stack.put("b/unheard.jpg", jpeg(60, 40)))
    abandoned = BackfillRun("abandoned", "b/", EVERYTHING, budget=1.0)
    harness.backfill.runs.permit(abandoned, "2026-05-04T10:20:30.000Z", 1)

    harness.backfill.runs.start(abandoned, "b/", 500)
    while harness.backfill.runs.is_sending(abandoned):
        time.sleep(0.1)
    left = harness.reasons()
    followed = harness.run(replace(abandoned, name="followed"))

    assert left == [("b/unheard.jpg", Reason.UNRECORDED)]
    assert followed[-1].end == "done"


def test_the_latest_run_can_be_read_to_resume_it(harness: BackfillHarness) -> None:
    run = BackfillRun("latest-one", "é/", EVERYTHING, budget=2.5, spent=0.125)

    harness.backfill.runs.permit(run, "2026-05-04T10:20:30.000Z", 1)

    assert harness.backfill.runs.latest() == run
    assert not harness.backfill.runs.is_sending(run)


def test_the_queue_accepts_more_messages_than_fit_into_one_request(
    harness: BackfillHarness,
) -> None:
    keys = [f"q/{number}.jpg" for number in range(12)]
    harness.without_events(lambda: [harness.stack.put(key, jpeg(60, 40)) for key in keys])

    harness.backfill.deps.queue.send(
        [json.dumps({"imagemill": "reconcile", "Key": key}) for key in keys]
    )

    assert all(harness.stack.wait_until_final(key).status == "ready" for key in keys)


def test_images_have_the_rule_of_their_prefix_or_the_one_that_their_upload_chose(
    harness: BackfillHarness,
) -> None:
    address, data = harness.stack.address, jpeg(120, 80)
    harness.stack.put("raw/a.jpg", data)
    harness.stack.put("r/a.jpg", data)
    announced = httpx.post(
        f"{address.api_url}/uploads",
        headers={"x-api-key": address.api_key},
        json={"filename": "a.jpg", "bytes": len(data), "recipe": "hero"},
    ).json()
    refused = httpx.post(announced["url"], data=fields_of(announced, "90"), files={"file": data})
    httpx.post(announced["url"], data=announced["fields"], files={"file": data}).raise_for_status()
    by_prefix = harness.stack.wait_until_final("r/a.jpg")
    harness.stack.wait_until_final(announced["key"])
    harness.delete_record(announced["key"])

    harness.run(BackfillRun("by rule", "", EVERYTHING))

    found_again = harness.stack.records.get(announced["id"])
    assert refused.status_code == 403
    assert set(by_prefix.renditions) == {"90", "30"}
    assert found_again is not None
    assert (set(found_again.renditions), found_again.rule) == ({"hero"}, "hero")
    assert harness.stack.records.get(image_id("raw/a.jpg")) is None
    assert not [key for key in harness.stack.rendition_keys("") if "/raw/" in key]


def fields_of(announced: dict[str, Any], rule: str) -> dict[str, str]:
    """Return the fields of an upload form, with another rule."""
    return {**announced["fields"], "x-amz-meta-recipe": rule}
