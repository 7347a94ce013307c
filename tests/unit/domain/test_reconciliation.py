import json
from dataclasses import replace

import pytest
from fakes.cloud import ready_record, rejected_record
from fakes.events import notification

from imagemill.domain.keys import image_id
from imagemill.domain.notification import MalformedNotification, parse_message
from imagemill.domain.reconciliation import (
    Concern,
    Listed,
    Reconciliation,
    concern_fields,
    from_message,
    is_described_by,
    is_finished,
    is_stale,
    needs_remaking,
    to_message,
)
from imagemill.domain.record import EngineLimits, Fault, ImageRecord

ROW = {
    "Etag": '"05704fbd"',
    "Key": "a b+é.jpg",
    "LastModified": 1777890000,
    "Size": 34910,
    "StorageClass": "STANDARD",
}


def test_a_marked_entry_of_a_listing_is_a_reconciliation() -> None:
    [task] = parse_message(json.dumps(ROW | concern_fields([Concern.STALE]))).tasks

    assert task == Reconciliation(
        key="a b+é.jpg",
        concerns=frozenset({Concern.STALE}),
        listed=Listed("a b+é.jpg", 34910, "05704fbd", 1777890000),
    )


def test_a_reconciliation_is_unchanged_after_its_message_is_parsed() -> None:
    concerns = frozenset({Concern.MISSING, Concern.REQUESTED})
    task = Reconciliation("é.jpg", concerns, renditions=("500/é.jpg",), revision=7)

    assert parse_message(to_message(task)).tasks == (task,)


def test_a_notification_of_s3_is_no_reconciliation() -> None:
    [event] = parse_message(notification("ObjectCreated:Put", "a.jpg")).tasks

    assert event.key == "a.jpg"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "3",
        '{"imagemill": "dance", "Key": "a.jpg"}',
        '{"imagemill": "reconcile"}',
        '{"imagemill": "reconcile", "Key": 3}',
        '{"imagemill": "reconcile", "Key": ""}',
        '{"imagemill": "reconcile", "Key": "a.jpg", "Only": ["everything"]}',
        '{"imagemill": "reconcile", "Key": "a.jpg", "Etag": "e"}',
        '{"imagemill": "reconcile", "Key": "a.jpg", "Renditions": [null]}',
        json.dumps(ROW | concern_fields([]) | {"Key": "k" * 1_025}),
        json.dumps(ROW | concern_fields([]) | {"Key": "\ud800"}),
        json.dumps(ROW | concern_fields([]) | {"Size": -1}),
        json.dumps(ROW | concern_fields([]) | {"Size": "12"}),
        json.dumps(ROW | concern_fields([]) | {"LastModified": 10**12}),
        json.dumps(ROW | concern_fields([]) | {"Etag": "e" * 300}),
    ],
)
def test_other_messages_are_malformed(body: str) -> None:
    with pytest.raises(MalformedNotification):
        parse_message(body)


@pytest.mark.parametrize(
    "rendition",
    [
        "500/b.jpg",
        "500/a.jpg/",
        "500/x/a.jpg",
        "x/500/a.jpg",
        "500 /a.jpg",
        "/a.jpg",
        "a.jpg",
        f"~500/{image_id('b.jpg')}",
        f"~/{image_id('a.jpg')}",
        f"~~500/{image_id('a.jpg')}",
        "~500/a.jpg",
    ],
)
def test_a_message_about_one_key_cannot_name_a_rendition_of_another(rendition: str) -> None:
    message = concern_fields([Concern.MISSING]) | {"Key": "a.jpg", "Renditions": [rendition]}

    with pytest.raises(MalformedNotification):
        parse_message(json.dumps(message))


def test_both_forms_of_a_rendition_key_belong_to_the_original() -> None:
    own = ("500/a.jpg", "thumb-2/a.jpg", f"~500/{image_id('a.jpg')}")
    task = Reconciliation("a.jpg", frozenset({Concern.MISSING}), renditions=own)

    assert parse_message(to_message(task)).tasks == (task,)


@pytest.mark.parametrize(
    ("etag", "later_s", "status", "expected"),
    [
        ("etag of v1", 0, "ready", True),
        ("etag of v1", 0, "rejected", True),
        ("etag of v1", -9, "ready", True),
        ("etag of v1", 1, "ready", True),
        ("etag of v1", 2, "ready", False),
        ("etag of v2", 0, "ready", False),
        ("etag of v1", 0, "failed", False),
        ("etag of v1", 0, "pending", False),
        ("etag of v1", 0, "deleted", False),
    ],
)
def test_a_record_describes_a_listed_original_if_it_is_final_and_not_older(
    etag: str, later_s: int, status: str, *, expected: bool
) -> None:
    record = replace(ready_record(), status=status)  # type: ignore[arg-type]  # one of the statuses
    noon_s = 1777896000

    assert is_described_by(Listed("a.jpg", 1, etag, noon_s + later_s), record) is expected


@pytest.mark.parametrize(
    ("key", "place", "stale"),
    [
        ("a.jpg", "500/a.jpg", False),
        ("x/../y.jpg", "500/x/../y.jpg", True),
        ("x/../y.jpg", f"~500/{image_id('x/../y.jpg')}", False),
    ],
)
def test_a_rendition_under_the_key_of_a_former_version_is_stale(
    key: str, place: str, *, stale: bool
) -> None:
    record = replace(ready_record(key), recipe="r1")
    made = replace(record.renditions["500"], key=place)

    assert is_stale(replace(record, renditions={"500": made}), "r1", None) is stale


ENGINE = EngineLimits("1", max_bytes=10, max_pixels=10, max_frames=10, max_memory_bytes=10)


@pytest.mark.parametrize(
    ("code", "today", "expected"),
    [
        ("too_many_pixels", ENGINE, False),
        ("too_many_pixels", replace(ENGINE, max_pixels=11), True),
        ("too_many_pixels", replace(ENGINE, version="2"), False),
        ("too_many_bytes", replace(ENGINE, max_bytes=11), True),
        ("too_many_frames", replace(ENGINE, max_frames=11), True),
        ("over_budget", replace(ENGINE, max_memory_bytes=11), True),
        ("over_budget", replace(ENGINE, max_pixels=11), False),
        ("unsupported_format", ENGINE, False),
        ("unsupported_format", replace(ENGINE, version="2"), True),
        ("unsupported_format", replace(ENGINE, max_memory_bytes=11), False),
        ("unsupported_format", replace(ENGINE, camera_raw=1), True),
        ("corrupt", replace(ENGINE, camera_raw=1), False),
        ("empty", replace(ENGINE, version="2"), False),
    ],
)
def test_a_rejected_image_is_stale_if_it_may_succeed_now(
    code: str, today: EngineLimits, *, expected: bool
) -> None:
    record = replace(rejected_record(), recipe="r1", error=Fault(code, "why"), rejected_by=ENGINE)

    assert is_stale(record, "r1", today) is expected


def test_a_rejection_without_version_and_limits_may_be_tried_again() -> None:
    record = replace(rejected_record(), recipe="r1")

    assert is_stale(record, "r1", ENGINE)
    assert not is_stale(record, "r1", None)


@pytest.mark.parametrize(
    ("codes", "expected"), [((), True), (("not_an_image",), True), (("empty",), False)]
)
def test_rejected_images_are_chosen_by_code(codes: tuple[str, ...], *, expected: bool) -> None:
    task = Reconciliation("a.txt", frozenset({Concern.REJECTED}), codes=frozenset(codes))

    assert needs_remaking(task, rejected_record(), "r1", ENGINE) is expected
    assert not needs_remaking(task, ready_record(), "r1", ENGINE)


def test_the_codes_of_a_reconciliation_are_unchanged_after_its_message_is_parsed() -> None:
    task = Reconciliation("a.txt", frozenset({Concern.REJECTED}), codes=frozenset({"over_budget"}))

    assert from_message(json.loads(to_message(task))) == task


@pytest.mark.parametrize("record", [ready_record(), rejected_record()])
def test_a_record_of_another_recipe_is_stale(record: ImageRecord) -> None:
    assert is_stale(replace(record, recipe="former"), "r1", None)


def test_a_failed_image_is_not_stale() -> None:
    failed = replace(ready_record(), status="failed", recipe="former", renditions={})

    assert not is_stale(failed, "r1", ENGINE)


def test_a_message_of_another_kind_is_rejected_with_the_expected_kind() -> None:
    with pytest.raises(ValueError, match=r"^expected reconcile$"):
        from_message({"imagemill": "dance", "Key": "a.jpg"})


def test_a_rendition_of_another_key_is_rejected_with_the_reason() -> None:
    message = concern_fields([Concern.MISSING]) | {"Key": "a.jpg", "Renditions": ["500/b.jpg"]}

    with pytest.raises(ValueError, match=r"^expected renditions of the message's own key$"):
        from_message(message)


def test_an_ignored_image_is_never_stale_and_needs_no_remaking() -> None:
    record = replace(ready_record("a.jpg"), recipe="former")

    assert not is_stale(record, None, ENGINE)
    assert not needs_remaking(Reconciliation("a.jpg"), record, None, ENGINE)


def test_an_ignored_original_in_a_listing_is_finished_without_a_record() -> None:
    task = Reconciliation("a.jpg", listed=Listed("a.jpg", 9, "e", 0))

    assert is_finished(task, None, None, ENGINE)
    assert not is_finished(replace(task, listed=None), None, None, ENGINE)
    assert not is_finished(task, None, "r1", ENGINE)
