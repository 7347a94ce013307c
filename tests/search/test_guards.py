"""Each guard is needed: leave one out, and the search finds what goes wrong."""

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any

import pytest

from imagemill.catalog.event import ObjectEvent
from imagemill.catalog.record import ImageRecord
from imagemill.catalog.stamp import Placed, Stamp
from imagemill.stores.dynamodb import RecordsTable
from imagemill.stores.items import to_item
from imagemill.stores.s3 import OriginalsBucket, RenditionsBucket
from search.test_races import ACTS, HISTORIES, RACES, every_interruption, every_race
from search.world import Guards, World


class BlindRecords(RecordsTable):
    """Writes over records it has not read."""

    def put(self, record: ImageRecord) -> bool:
        self._client.put_item(TableName=self._table, Item=to_item(record))
        return True


class NoTombstones(RecordsTable):
    """Thinks a deleted picture needs no record."""

    def put(self, record: ImageRecord) -> bool:
        return record.status == "deleted" or super().put(record)


class BlindRenditions(RenditionsBucket):
    """Stores without a condition."""

    def put(self, key: str, data: bytes, stamp: Stamp) -> Placed:
        self._try_put(key, data, stamp, {})
        return Placed.ALONE


class FirstRendition(RenditionsBucket):
    """Leaves whatever stands there, older or not."""

    def put(self, key: str, data: bytes, stamp: Stamp) -> Placed:
        self._try_put(key, data, stamp, {"IfNoneMatch": "*"})
        return Placed.ALONE


class RashDiscard(RenditionsBucket):
    """Deletes whatever stands there, newer or not."""

    def discard(self, key: str, sequencer: str) -> bool:
        return super().discard(key, f"~{sequencer}")


class LazyDiscard(RenditionsBucket):
    """Leaves what a deleted picture has left behind."""

    def discard(self, key: str, sequencer: str) -> bool:
        return super().discard(f"{key} elsewhere", sequencer)


class NoSecondLook(RenditionsBucket):
    """Believes that what it listed is there."""

    def sequencer(self, key: str) -> str | None:
        return "~" + key


class AskedOnce(OriginalsBucket):
    """Asks the bucket first, and believes it however much happens afterwards."""

    _told: dict[str, ObjectEvent | None]

    def current(self, key: str) -> ObjectEvent | None:
        self._told = getattr(self, "_told", {})
        if key not in self._told:
            self._told[key] = super().current(key)
        return self._told[key]


def as_number(sequencer: str) -> str:
    """Order sequencers by value, so that a longer one is newer."""
    return f"{int(sequencer, 16):020X}"


MISSING: dict[str, dict[str, Any]] = {
    "no condition on records": {"records": BlindRecords},
    "no tombstones": {"records": NoTombstones},
    "no condition on renditions": {"renditions": BlindRenditions},
    "no replacing of older renditions": {"renditions": FirstRendition},
    "no comparing before deleting": {"renditions": RashDiscard},
    "no deleting": {"renditions": LazyDiscard},
    "no second look": {"renditions": NoSecondLook},
    "no announcing again": {"announces_again": False},
    "sequencers as numbers": {"canonical": as_number},
}
MISSING_FROM_LOOKS: dict[str, dict[str, Any]] = {
    "the bucket asked before the trace": {"originals": AskedOnce},
}


@pytest.mark.parametrize("missing", MISSING)
def test_without_a_guard_the_search_finds_what_goes_wrong(missing: str) -> None:
    guards = Guards(**MISSING[missing])

    ends = chain.from_iterable(
        every_race(
            [*HISTORIES[history], first, second],
            partial(World, guards=guards, unlike=new),
            deadly=deadly,
        )
        for new, deadly in ((False, False), (True, False), (False, True))
        for history, first, second in RACES
    )

    assert any(went_wrong(ends))


@pytest.mark.parametrize("missing", MISSING_FROM_LOOKS)
def test_without_a_guard_of_looks_the_search_finds_what_goes_wrong(missing: str) -> None:
    guards = Guards(**MISSING_FROM_LOOKS[missing])

    ends = chain.from_iterable(
        every_interruption(["put", "come unheard", act], partial(World, guards=guards))
        for act in ACTS
    )

    assert any(went_wrong(ends))


def went_wrong(ends: Iterator[tuple[object, World]]) -> Iterator[bool]:
    """Yield for each end whether something is wrong with it; never to come to an end is, too."""
    try:
        for _, world in ends:
            yield bool(world.complaints())
    except AssertionError:
        yield True
