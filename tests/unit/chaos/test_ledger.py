"""The ledger finds every kind of wrong there is, and nothing in a world that is right."""

from dataclasses import replace
from functools import partial

import pytest
from chaos.ledger import Current, Ledger, Seen, Stored, reckon
from fakes.events import created, removed
from fakes.images import png

from imagemill.domain.record import (
    AttemptTimes,
    Fault,
    ImageRecord,
    Original,
    Result,
    StoredRendition,
    deleted,
    failed,
    ready,
    rejected,
)
from imagemill.imaging import render
from imagemill.recipe import Recipe

RECIPE = Recipe.parse("p=10")
WORK = AttemptTimes(RECIPE.hash, 1, "2026-05-04T10:20:30.000Z", 5)
IMAGE = png()
MADE = render(IMAGE, RECIPE).renditions[0]
STORED = StoredRendition("p/a.png", len(MADE.data), MADE.width, MADE.height, MADE.format)
RESULT = Result(Original(len(IMAGE)), {"p": STORED}, "", "#000000", ())
READY = ready(created("a.png", "01", "v1"), WORK, RESULT)
REJECTED = rejected(created("b.txt", "02", "v2"), WORK, Fault("not_an_image", ""))
DELETED = deleted(removed("c.png", "03"), 0)
RIGHT = Seen(
    originals={
        "a.png": Current("v1", IMAGE),
        "b.txt": Current("v2", b"word"),
        "c.png": Current(),
    },
    records=[READY, REJECTED, DELETED],
    listed=[REJECTED, READY],
    processed={"p/a.png": Stored(MADE.data, READY.sequencer)},
    announced={("a.png", "ready", 1), ("b.txt", "rejected", 1), ("c.png", "deleted", 1)},
)


def sums(seen: Seen) -> dict[str, int]:
    """Return what is wrong, by kind."""
    ledger, _ = reckon(seen, partial(render, recipe=RECIPE))
    kinds = ("lost", "doubled", "stale", "orphans")
    return {kind: number for kind, number in ledger.facts().items() if number and kind in kinds}


def with_record(record: ImageRecord, *, listed: bool = True) -> Seen:
    """Return the right world with another record of `a.png`."""
    return replace(
        RIGHT,
        records=[record, REJECTED, DELETED],
        listed=[REJECTED, record] if listed else [REJECTED],
        announced={(r.key, r.status, r.revision) for r in (record, REJECTED, DELETED)},
    )


def test_a_world_that_is_right_has_no_findings() -> None:
    ledger, findings = reckon(RIGHT, partial(render, recipe=RECIPE))

    assert findings == []
    assert ledger == Ledger(sent=3, ready=1, rejected=1, deleted=1)
    assert ledger.is_clean()


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [
        (replace(RIGHT, records=[READY, REJECTED]), {"lost": 1}),
        (replace(RIGHT, listed=[READY]), {"lost": 1}),
        (replace(RIGHT, announced={("a.png", "ready", 1)}), {"lost": 2}),
        (replace(RIGHT, listed=[REJECTED, READY, READY]), {"doubled": 1}),
        (replace(RIGHT, records=[READY, REJECTED, DELETED, DELETED]), {"doubled": 1}),
        (replace(RIGHT, listed=[REJECTED, READY, DELETED]), {"stale": 1}),
        (replace(RIGHT, listed=[REJECTED, replace(READY, revision=9)]), {"stale": 1}),
        (replace(RIGHT, processed={}), {"stale": 1}),
        (replace(RIGHT, processed={"p/a.png": Stored(b"others", "01")}), {"stale": 1}),
        (replace(RIGHT, processed={"p/a.png": Stored(MADE.data, "00")}), {"stale": 1}),
        (
            replace(RIGHT, processed={**RIGHT.processed, "p/c.png": Stored(b"", "03")}),
            {"orphans": 1},
        ),
        (with_record(replace(READY, version_id="v0")), {"stale": 1}),
        (with_record(replace(READY, renditions={})), {"stale": 1, "orphans": 1}),
        (with_record(replace(READY, renditions={"p": replace(STORED, width=1)})), {"stale": 1}),
        (
            with_record(failed(created("a.png", "01", "v1"), WORK, Fault("crashed", ""))),
            {"lost": 1, "orphans": 1},
        ),
        (with_record(deleted(removed("a.png"), 0), listed=False), {"lost": 1, "orphans": 1}),
        (
            replace(RIGHT, originals={**RIGHT.originals, "c.png": Current("v3", IMAGE)}),
            {"lost": 1},
        ),
        (replace(RIGHT, originals={**RIGHT.originals, "b.txt": Current()}), {"lost": 1}),
        (replace(RIGHT, originals={**RIGHT.originals, "d.png": Current()}), {"lost": 1}),
    ],
)
def test_every_wrong_is_found(seen: Seen, wrong: dict[str, int]) -> None:
    assert sums(seen) == wrong
