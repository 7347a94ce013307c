"""Images that move to a folder."""

import json
from dataclasses import replace

import pytest
from fakes.api import Answer, FakeApiDeps, FakeOriginalsBucket, ask
from fakes.cloud import archived_record, ready_record
from fakes.stores import FakeRecords, StoppedClock

from imagemill.api.move import MoveDeps, move_original
from imagemill.domain.caller import EVERYTHING, Caller, Scope, key_value
from imagemill.domain.event import Focus, FocusChange
from imagemill.domain.keys import image_id, owner_id, upload_key
from imagemill.domain.record import ImageRecord, Original
from imagemill.errors import NotReady, StoreUnavailable
from imagemill.recipe_rules import RecipeRules

ADMIN = Caller("key:k", EVERYTHING)
OWNED = upload_key("own.jpg", "t", owner_id("key:booth"))


def library(*keys: str) -> FakeApiDeps:
    records = [ready_record(key) for key in keys]
    deps = FakeApiDeps(records=FakeRecords({one.id: one for one in records}))
    deps.inbox.objects = {one.key: (one.key.encode(), "image/jpeg") for one in records}
    return deps


def moved(deps: FakeApiDeps, key: str, prefix: object, *scopes: Scope) -> Answer:
    """Return the answer to a move; with scopes, by a key of the owner of OWNED."""
    identity = {"apiKey": key_value("booth", frozenset(scopes), "a" * 40)} if scopes else None
    body = json.dumps({"prefix": prefix}).encode()
    path = f"/images/{image_id(key)}/move"
    headers = {"content-type": "application/json"}
    return ask(deps, "POST", path, body, headers, identity=identity)


def test_an_image_gets_a_new_key_and_leaves_nothing_behind(
    capsys: pytest.CaptureFixture[str],
) -> None:
    deps = library("a.jpg")

    answer = moved(deps, "a.jpg", "holiday/2026/")

    assert answer.status == 202
    new = answer.json
    assert (new["key"], new["status"]) == ("holiday/2026/a.jpg", "pending")
    assert new["id"] == image_id(new["key"])
    assert deps.inbox.objects == {"holiday/2026/a.jpg": (b"a.jpg", "image/jpeg")}
    assert ask(deps, "GET", f"/images/{image_id('a.jpg')}").status == 410
    assert ask(deps, "GET", f"/images/{new['id']}").json["status"] == "pending"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [line] = [one for one in lines if one.get("message") == "audit"]
    assert (line["action"], line["key"]) == ("move", new["key"])
    assert line["former"] == image_id("a.jpg")


def test_an_image_moves_to_the_top() -> None:
    assert moved(library("a/b.jpg"), "a/b.jpg", "").json["key"] == "b.jpg"


@pytest.mark.parametrize("key", ["a/b.jpg", "c/b.jpg"])
def test_no_image_is_replaced(key: str) -> None:
    deps = library("a/b.jpg", "c/b.jpg")
    before = dict(deps.inbox.objects)

    answer = moved(deps, key, "c/")

    assert (answer.status, answer.json["code"]) == (409, "exists")
    assert deps.inbox.objects == before


@pytest.mark.parametrize(
    "prefix", ["a", "/a/", "a//", "../", "a/./", "a\n/", "a" * 1020 + "/", "é" * 600 + "/", 5, None]
)
def test_a_folder_that_cannot_be_is_refused(prefix: object) -> None:
    answer = moved(library("a.jpg"), "a.jpg", prefix)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request")


def test_a_folder_that_the_recipe_ignores_is_refused() -> None:
    deps = library("a.jpg")
    deps.recipes = RecipeRules.parse("raw/ -> ignore; * -> 500")

    assert moved(deps, "a.jpg", "raw/").json["code"] == "ignored"
    assert list(deps.inbox.objects) == ["a.jpg"]


def test_an_owner_moves_own_images_inside_its_folder() -> None:
    deps = library(OWNED, "a.jpg")
    folder = OWNED.removesuffix("t/own.jpg")
    both: tuple[Scope, ...] = ("upload", "delete")

    assert moved(deps, OWNED, "holiday/", *both).json["code"] == "forbidden"
    assert moved(deps, "a.jpg", f"{folder}x/", *both).json["code"] == "not_found"
    assert moved(deps, OWNED, f"{folder}x/", "upload").json["code"] == "forbidden"
    assert moved(deps, OWNED, f"{folder}x/", "delete").json["code"] == "forbidden"
    assert moved(deps, OWNED, f"{folder}x/", *both).json["key"] == f"{folder}x/own.jpg"


def test_an_original_that_s3_cannot_copy_at_once_is_refused() -> None:
    record = replace(ready_record("a.jpg"), original=Original(5 * 1024**3 + 1))
    deps = FakeApiDeps(records=FakeRecords({record.id: record}))

    assert moved(deps, "a.jpg", "b/").json["code"] == "too_many_bytes"


class Interrupted(FakeOriginalsBucket):
    """A bucket that fails at one kind of request."""

    def __init__(self, fails: str, key: str) -> None:
        super().__init__()
        self.fails = fails
        self.objects = {key: (b"", "")}

    def copy(self, key: str, etag: str, target: str) -> bool:
        if self.fails == "copy":
            raise StoreUnavailable("cut")
        return self.fails != "change" and super().copy(key, etag, target)

    def delete_version(self, key: str, etag: str) -> None:
        if self.fails == "delete":
            raise StoreUnavailable("cut")
        super().delete_version(key, etag)


def deps_of(record: ImageRecord, bucket: FakeOriginalsBucket) -> MoveDeps:
    return MoveDeps(FakeRecords({record.id: record}), bucket, StoppedClock())


@pytest.mark.parametrize(("fails", "left"), [("copy", ["a.jpg"]), ("delete", ["a.jpg", "b/a.jpg"])])
def test_an_interruption_leaves_the_original(fails: str, left: list[str]) -> None:
    record, bucket = ready_record("a.jpg"), Interrupted(fails, "a.jpg")
    deps = deps_of(record, bucket)

    with pytest.raises(StoreUnavailable):
        move_original(record.id, "b/", deps, ADMIN)

    assert sorted(bucket.objects) == left
    assert deps.records.get(record.id) == record


def test_an_original_that_changes_meanwhile_stays() -> None:
    record, bucket = ready_record("a.jpg"), Interrupted("change", "a.jpg")

    with pytest.raises(NotReady):
        move_original(record.id, "b/", deps_of(record, bucket), ADMIN)

    assert list(bucket.objects) == ["a.jpg"]


def test_a_focal_point_moves_with_the_image() -> None:
    record = replace(ready_record("a.jpg"), focus_change=FocusChange("02", Focus(0.1, 0.9)))
    bucket = Interrupted("nothing", "a.jpg")

    new = move_original(record.id, "b/", deps_of(record, bucket), ADMIN)

    assert (new.focus, new.etag) == (Focus(0.1, 0.9), record.etag)


def test_an_archived_original_moves_as_it_is_stored() -> None:
    record = archived_record("a.jpg")
    deps = FakeApiDeps(records=FakeRecords({record.id: record}))
    asked: list[str] = []

    class Copies(FakeOriginalsBucket):
        def copy(self, key: str, etag: str, target: str) -> bool:
            del key, target
            asked.append(etag)
            return True

        def delete_version(self, key: str, etag: str) -> None:
            del key
            asked.append(etag)

    deps.inbox = Copies()
    move_original(record.id, "b/", deps.moves, ADMIN)

    assert asked == ["p", "p"]
    made = deps.records.items[image_id("b/a.jpg")]
    assert (made.etag, made.archived) == ("e", record.archived)
