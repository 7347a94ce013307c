"""The audit finds every kind of difference, and none in a correct state."""

from dataclasses import replace
from functools import partial

import pytest
from chaos.audit import CurrentVersion, FinalState, RenditionObject, Summary, audit
from chaos.visitors import variant_of
from fakes.events import created, removed
from fakes.images import png

from imagemill.domain.record import Fault, ImageRecord, Original, StoredRendition
from imagemill.domain.transitions import AttemptTimes, Result, deleted, failed, ready, rejected
from imagemill.imaging import render
from imagemill.recipe import Recipe

RECIPE = Recipe.parse("p=10")
WORK = AttemptTimes(RECIPE.hash, 1, "2026-05-04T10:20:30.000Z", 5)
IMAGE = png()
RENDITION = render(IMAGE, RECIPE).renditions[0]
STORED = StoredRendition(
    "p/a.png", len(RENDITION.data), RENDITION.width, RENDITION.height, RENDITION.format
)
RESULT = Result(Original(len(IMAGE)), {"p": STORED}, "", "#000000", ())
READY = ready(created("a.png", "01", "v1"), WORK, RESULT)
REJECTED = rejected(created("b.txt", "02", "v2"), WORK, Fault("not_an_image", ""))
DELETED = deleted(removed("c.png", "03"), 0)
CORRECT = FinalState(
    originals={
        "a.png": CurrentVersion("v1", IMAGE),
        "b.txt": CurrentVersion("v2", b"word"),
        "c.png": CurrentVersion(),
    },
    records=[READY, REJECTED, DELETED],
    listed=[REJECTED, READY],
    processed={"p/a.png": RenditionObject(RENDITION.data, READY.sequencer)},
    announced={("a.png", "ready", 1), ("b.txt", "rejected", 1), ("c.png", "deleted", 1)},
)


def findings_by_kind(state: FinalState) -> dict[str, int]:
    """Return the number of findings by kind."""
    summary, _ = audit(state, partial(render, recipe=RECIPE))
    kinds = ("lost", "doubled", "stale", "orphans")
    return {kind: number for kind, number in summary.counts().items() if number and kind in kinds}


def with_record(record: ImageRecord, *, listed: bool = True) -> FinalState:
    """Return the correct state with another record of `a.png`."""
    return replace(
        CORRECT,
        records=[record, REJECTED, DELETED],
        listed=[REJECTED, record] if listed else [REJECTED],
        announced={(r.key, r.status, r.revision) for r in (record, REJECTED, DELETED)},
    )


def test_a_correct_state_has_no_findings() -> None:
    summary, findings = audit(CORRECT, partial(render, recipe=RECIPE))

    assert findings == []
    assert summary == Summary(sent=3, ready=1, rejected=1, deleted=1)
    assert summary.is_clean()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (replace(CORRECT, records=[READY, REJECTED]), {"lost": 1}),
        (replace(CORRECT, listed=[READY]), {"lost": 1}),
        (replace(CORRECT, announced={("a.png", "ready", 1)}), {"lost": 2}),
        (replace(CORRECT, listed=[REJECTED, READY, READY]), {"doubled": 1}),
        (replace(CORRECT, records=[READY, REJECTED, DELETED, DELETED]), {"doubled": 1}),
        (replace(CORRECT, listed=[REJECTED, READY, DELETED]), {"stale": 1}),
        (replace(CORRECT, listed=[REJECTED, replace(READY, revision=9)]), {"stale": 1}),
        (replace(CORRECT, processed={}), {"stale": 1}),
        (replace(CORRECT, processed={"p/a.png": RenditionObject(b"others", "01")}), {"stale": 1}),
        (
            replace(CORRECT, processed={"p/a.png": RenditionObject(RENDITION.data, "00")}),
            {"stale": 1},
        ),
        (
            replace(
                CORRECT, processed={**CORRECT.processed, "p/c.png": RenditionObject(b"", "03")}
            ),
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
            replace(CORRECT, originals={**CORRECT.originals, "c.png": CurrentVersion("v3", IMAGE)}),
            {"lost": 1},
        ),
        (replace(CORRECT, originals={**CORRECT.originals, "b.txt": CurrentVersion()}), {"lost": 1}),
        (replace(CORRECT, originals={**CORRECT.originals, "d.png": CurrentVersion()}), {"lost": 1}),
    ],
)
def test_every_difference_is_found(state: FinalState, expected: dict[str, int]) -> None:
    assert findings_by_kind(state) == expected


VARIANT = f"~t/{READY.id}/20x.jpg"
RIGHT = RenditionObject(variant_of(IMAGE, "20x.jpg"), READY.sequencer)


def test_a_variant_of_the_recorded_version_is_no_finding() -> None:
    state = replace(CORRECT, processed={**CORRECT.processed, VARIANT: RIGHT})

    summary, findings = audit(state, partial(render, recipe=RECIPE))

    assert (findings, summary.variants, summary.is_clean()) == ([], 1, True)


@pytest.mark.parametrize(
    ("key", "found", "kind"),
    [
        (VARIANT, replace(RIGHT, sequencer="00"), "variants_stale"),
        (VARIANT, replace(RIGHT, data=variant_of(b"former", "20x.jpg")), "variants_stale"),
        (f"~t/{DELETED.id}/20x.jpg", RIGHT, "variants_orphaned"),
        (f"~t/{REJECTED.id}/20x.jpg", RIGHT, "variants_orphaned"),
        (f"~t/{'a' * 26}/20x.jpg", RIGHT, "variants_orphaned"),
    ],
)
def test_a_variant_of_another_version_or_of_no_ready_image_is_found(
    key: str, found: RenditionObject, kind: str
) -> None:
    state = replace(CORRECT, processed={**CORRECT.processed, key: found})

    summary, findings = audit(state, partial(render, recipe=RECIPE))

    assert [(one.kind, one.key) for one in findings] == [(kind, key)]
    assert not summary.is_clean()
