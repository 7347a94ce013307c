"""Addresses of archived originals, which lead to their JPEGs."""

from dataclasses import replace
from urllib.parse import unquote

import pytest
from fakes.api import Answer, FakeApiDeps, FakeFeed, FakeUnpacker, ask
from fakes.cloud import ready_record
from fakes.events import removed
from fakes.raw_server import environment
from fakes.stores import FakeRecords, StoppedClock

from imagemill.aws.light.presign import S3Presigner
from imagemill.aws.presigner import Presigner
from imagemill.domain.caller import Grant
from imagemill.domain.keys import unpacked_key
from imagemill.domain.record import Archived, ImageRecord
from imagemill.domain.share_tokens import SignedShare, token_of
from imagemill.domain.transitions import deleted

SHA256 = "5" * 64
HELD = Archived(200_000, "p", SHA256, "v1", "2026-05-04T10:20:30.123Z", "02")
RECORD = replace(ready_record("été.jpg"), version_id="v2", archived=HELD)
KEY = unpacked_key(RECORD.id, SHA256)
NOW_S = StoppedClock().now_s()


class LaterClock(StoppedClock):
    """The clock a quarter of an hour and a second later."""

    def now_s(self) -> int:
        return NOW_S + 901


def deps_of(record: ImageRecord = RECORD, unpacker: FakeUnpacker | None = None) -> FakeApiDeps:
    return FakeApiDeps(
        records=FakeRecords({record.id: record}),
        feed=FakeFeed([record]),
        presigner=Presigner(
            S3Presigner(environment("https://s3.example.com")), "originals", "processed"
        ),
        unpacker=unpacker or FakeUnpacker(stored={KEY}),
    )


def location(answer: Answer) -> str:
    assert answer.status == 302
    return unquote(answer.headers["Location"])


def link_of(deps: FakeApiDeps, auth: str | None = None) -> str:
    """Return the address of the original in a list; the path of it."""
    identity = {"userArn": "arn:aws:iam::1:user/a"} if auth == "iam" else None
    answer = ask(deps, "GET", "/images", auth=auth, identity=identity)
    return str(answer.json["images"][0]["links"]["original"])


def test_the_record_tells_how_the_original_is_stored() -> None:
    found = ask(deps_of(), "GET", f"/images/{RECORD.id}").json

    assert found["archived"] == {
        "bytes": 200_000,
        "etag": "p",
        "sha256": SHA256,
        "replaces": "v1",
        "at": "2026-05-04T10:20:30.123Z",
    }
    assert (found["etag"], found["original"]["bytes"]) == ("etag of v1", 300_000)


def test_the_original_is_redirected_to_its_unpacked_jpeg_with_its_name_and_type() -> None:
    deps = deps_of()

    address = location(ask(deps, "GET", f"/images/{RECORD.id}/original"))

    assert address.startswith(f"https://s3.example.com/processed/{KEY}?")
    assert "response-content-type=image/jpeg" in address
    assert "filename*=UTF-8''" in unquote(address)
    assert deps.unpacker is not None
    assert deps.unpacker.calls == []


def test_an_original_that_is_not_unpacked_is_unpacked_first() -> None:
    unpacker = FakeUnpacker(result={"key": "~o/made"})

    address = location(ask(deps_of(unpacker=unpacker), "GET", f"/images/{RECORD.id}/original"))

    assert "~o/made" in address
    assert unpacker.calls == [RECORD.id]


@pytest.mark.parametrize(
    ("result", "status", "code"),
    [
        ({"code": "not_ready", "message": "m"}, 409, "not_ready"),
        ({"code": "gone", "message": "m"}, 410, "gone"),
        ({"code": "over_budget", "message": "m"}, 503, "store_unavailable"),
        ({}, 503, "store_unavailable"),
    ],
)
def test_an_original_that_cannot_be_unpacked_is_a_problem(
    result: dict[str, object], status: int, code: str
) -> None:
    deps = deps_of(unpacker=FakeUnpacker(result=result))

    answer = ask(deps, "GET", f"/images/{RECORD.id}/original")

    assert (answer.status, answer.json["code"]) == (status, code)


def test_a_list_has_an_address_of_the_api_and_unpacks_nothing() -> None:
    deps = deps_of()

    link = link_of(deps)

    path = link[link.index("/originals/") :]
    assert deps.unpacker is not None
    assert deps.unpacker.calls == []
    assert KEY in location(ask(deps, "GET", path))


@pytest.mark.parametrize("end", [-1, 9, 1])
def test_an_incomplete_token_shows_nothing(end: int) -> None:
    deps = deps_of()
    token = link_of(deps).rpartition("/")[2]

    answer = ask(deps, "GET", f"/originals/{token[:end]}")

    assert (answer.status, answer.json["code"]) == (401, "unauthorized")


def test_an_address_works_for_a_quarter_of_an_hour() -> None:
    deps = deps_of()
    token = link_of(deps).rpartition("/")[2]

    answer = ask(replace(deps, clock=LaterClock()), "GET", f"/originals/{token}")

    assert answer.status == 401


def test_a_share_link_opens_no_archived_original() -> None:
    deps = replace(deps_of(), secrets=("other",))
    share = token_of(SignedShare("s", Grant(NOW_S + 99, RECORD.id, originals=True)), "present")

    assert ask(deps, "GET", f"/originals/{share}").status == 401


def test_the_address_of_a_deleted_image_is_gone() -> None:
    deps = deps_of()
    token = link_of(deps).rpartition("/")[2]
    deps.records.items[RECORD.id] = replace(deleted(removed("été.jpg"), 0))

    assert ask(deps, "GET", f"/originals/{token}").status == 410


def test_an_image_that_was_put_again_is_shown_without_unpacking() -> None:
    deps = deps_of()
    token = link_of(deps).rpartition("/")[2]
    deps.records.items[RECORD.id] = replace(RECORD, archived=None)

    assert "~o/" not in location(ask(deps, "GET", f"/originals/{token}"))


def test_with_a_signature_the_original_has_only_its_route() -> None:
    assert link_of(deps_of(), auth="iam") == "None"


def test_a_stack_without_the_function_shows_no_archived_original() -> None:
    deps = replace(deps_of(), unpacker=None)

    assert link_of(deps) == "None"
    assert ask(deps, "GET", f"/images/{RECORD.id}/original").status == 404


def test_other_originals_have_presigned_urls_of_s3() -> None:
    record = ready_record("a.jpg")
    deps = deps_of(record)

    link = link_of(deps)

    assert link.startswith("https://s3.example.com/originals/a.jpg?")
