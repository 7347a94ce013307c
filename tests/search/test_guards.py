"""Each guard is needed: without it, the search finds a violation."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, product
from typing import Any

import pytest

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.object_clients import PutObjectParams
from imagemill.aws.record_items import from_item, to_item
from imagemill.aws.records_table import RecordsTable
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.domain.event import ObjectEvent
from imagemill.domain.record import ImageRecord
from imagemill.domain.rendition_metadata import (
    Precedence,
    PutResult,
    RenditionMetadata,
    StoredState,
)
from imagemill.pipeline import facts
from imagemill.recipe_rules import RecipeRules
from search.late import TWO_PRESETS, delivered_twice, deployed, stalled
from search.test_late import BEGINNINGS, ENDS
from search.test_races import (
    ACTS,
    HISTORIES,
    RACES,
    every_deadly_race,
    every_interruption,
    every_race,
)
from search.world import PROCESSED, Guards, World

# Sorts after every sequencer.
_HIGHEST = "~"


class BlindRecords(RecordsTable):
    """Overwrites records without reading them."""

    def put(self, record: ImageRecord) -> bool:
        self._client.put_item(TableName=self._table, Item=to_item(record))
        return True


class StaleRecords(RecordsTable):
    """Reads without strong consistency."""

    def get(self, image_id: str) -> ImageRecord | None:
        found = self._client.get_item(TableName=self._table, Key={"id": {"S": image_id}})
        return from_item(found["Item"]) if "Item" in found else None


class NoTombstones(RecordsTable):
    """Writes no record for a deleted image."""

    def put(self, record: ImageRecord) -> bool:
        return record.status == "deleted" or super().put(record)


class BlindRenditions(RenditionsBucket):
    """Stores without a condition."""

    def _try_put(self, params: PutObjectParams) -> bool:
        params.pop("IfMatch", None)
        params.pop("IfNoneMatch", None)
        return super()._try_put(params)


class FirstRendition(RenditionsBucket):
    """Never replaces a rendition."""

    def put(
        self, key: str, data: bytes, metadata: RenditionMetadata, *, may_replace: bool
    ) -> PutResult:
        older = replace(metadata.precedence, sequencer="")
        placed = replace(metadata, precedence=older if self.state(key) else metadata.precedence)
        return super().put(key, data, placed, may_replace=may_replace)


class EagerRenditions(RenditionsBucket):
    """Replaces renditions of other events before the record says that it is in progress."""

    def put(
        self, key: str, data: bytes, metadata: RenditionMetadata, *, may_replace: bool
    ) -> PutResult:
        del may_replace
        return super().put(key, data, metadata, may_replace=True)


class RashRemoval(RenditionsBucket):
    """Removes renditions of every precedence."""

    def remove(self, key: str, up_to: Precedence) -> bool:
        return super().remove(key, replace(up_to, sequencer=_HIGHEST))


class NoRemoval(RenditionsBucket):
    """Never removes a rendition."""

    def remove(self, key: str, up_to: Precedence) -> bool:
        return super().remove(f"{key} elsewhere", up_to)


class DeletingRemoval(RenditionsBucket):
    """Deletes, and leaves no marker."""

    def remove(self, key: str, up_to: Precedence) -> bool:
        state = self.state(key)
        if state and state.precedence <= up_to:
            self._client.delete_object(Bucket=self._bucket, Key=key, IfMatch=state.etag)
        return True


class RemovalWhereSomethingStands(RenditionsBucket):
    """Leaves a marker only in place of a rendition."""

    def remove(self, key: str, up_to: Precedence) -> bool:
        return self.state(key) is not None and super().remove(key, up_to)


class SameBytesAgain(RenditionsBucket):
    """Stores bytes again that the key had before, with the same ETag."""

    def _unlike_former(self, data: bytes, content_type: str, state: StoredState | None) -> bytes:
        del content_type, state
        return data


class AskedOnce(OriginalsBucket):
    """Asks the bucket once, and returns the same answer later."""

    _told: dict[str, ObjectEvent | None]

    def current(self, key: str) -> ObjectEvent | None:
        self._told = getattr(self, "_told", {})
        if key not in self._told:
            self._told[key] = super().current(key)
        return self._told[key]


@dataclass
class OrderlessWorld(World):
    """No deployment is newer than another."""

    guards: Guards = field(default_factory=Guards)

    def _deployed(self, before: Any) -> Any:  # noqa: ANN401  # as the world's
        return replace(super()._deployed(before), since=0)


@dataclass
class ForgetfulWorld(World):
    """No deployment knows which presets the former one had."""

    def _deployed(self, before: Any) -> Any:  # noqa: ANN401  # as the world's
        return replace(super()._deployed(before), dropped={})


def as_number(sequencer: str) -> str:
    """Order sequencers by value, so that a longer one is newer."""
    return f"{int(sequencer, 16):020X}"


MISSING: dict[str, dict[str, Any]] = {
    "no condition on records": {"records": BlindRecords},
    "no consistent reads": {"records": StaleRecords},
    "no tombstones": {"records": NoTombstones},
    "no condition on renditions": {"renditions": BlindRenditions},
    "no replacing of older renditions": {"renditions": FirstRendition},
    "no record in progress": {"renditions": EagerRenditions},
    "no comparing before removing": {"renditions": RashRemoval},
    "no removing": {"renditions": NoRemoval},
    "no announcing again": {"announces_again": False},
    "sequencers as numbers": {"canonical": as_number},
}
MISSING_FROM_LOOKS: dict[str, dict[str, Any]] = {
    "the bucket asked before the trace": {"originals": AskedOnce},
}
MISSING_FOR_LATE_WRITES = {
    "no marker": DeletingRemoval,
    "no marker where nothing stands": RemovalWhereSomethingStands,
    "equal bytes with equal ETags": SameBytesAgain,
}


@pytest.mark.parametrize("missing", MISSING)
def test_without_a_guard_a_race_ends_wrong(missing: str) -> None:
    guards = Guards(**MISSING[missing])

    races = chain.from_iterable(
        search([*HISTORIES[history], first, second], partial(World, guards=guards, unlike=new))
        for history, first, second in RACES
        for search, new in ((every_race, False), (every_race, True), (every_deadly_race, False))
    )

    assert any(went_wrong(race.world for race in races))


@pytest.mark.parametrize("missing", MISSING_FROM_LOOKS)
def test_without_a_guard_a_reconciliation_ends_wrong(missing: str) -> None:
    guards = Guards(**MISSING_FROM_LOOKS[missing])

    ends = chain.from_iterable(
        every_interruption(["put", "put without event", act], partial(World, guards=guards))
        for act in ACTS
    )

    assert any(went_wrong(world for _, world in ends))


@pytest.mark.parametrize("missing", MISSING_FOR_LATE_WRITES)
def test_without_a_guard_a_late_write_is_applied(missing: str) -> None:
    make = partial(World, guards=Guards(renditions=MISSING_FOR_LATE_WRITES[missing]))

    ends = chain.from_iterable(
        search(first, then, make)
        for search in (stalled, delivered_twice)
        for first, then in product(BEGINNINGS, ENDS)
    )

    assert any(went_wrong(ends))


@pytest.mark.parametrize("make", [OrderlessWorld, ForgetfulWorld])
def test_without_a_guard_a_former_deployment_leaves_renditions(
    make: Callable[..., World],
) -> None:
    ends = chain.from_iterable(
        deployed(first, recipe, partial(make, recipes=RecipeRules.parse(TWO_PRESETS)))
        for first in (["put"], ["put", "put another"])
        for recipe in ("p=10", "p=11, q=20")
    )

    assert any(went_wrong(ends))


def test_without_the_age_limit_an_old_event_revives_a_deleted_image(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(facts, "LATE_EVENT_S", 10**10)
    world = World()
    world.put("a.jpg", b"good one")
    late = world.queue.pop()
    world.hide("a.jpg")
    world.settle()
    world.wait(31)

    world.queue.append(late)
    world.settle()

    assert [key for bucket, key in world.s3.objects if bucket == PROCESSED]


def went_wrong(ends: Iterable[World]) -> Iterator[bool]:
    """Yield for each end whether there is a violation; a history without an end is one, too."""
    try:
        for world in ends:
            yield bool(world.complaints())
    except AssertionError:
        yield True
