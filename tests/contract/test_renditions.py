from typing import TYPE_CHECKING

import pytest
from fakes.images import jpeg

from imagemill.domain.rendition_metadata import (
    Placement,
    Precedence,
    PutResult,
    RenditionMetadata,
    of_deletion,
)

if TYPE_CHECKING:
    from imagemill.domain.stores import Renditions

KEY = "500/holiday 2026/été+sun (1).JPG"
ONE, TWO = jpeg(8, 8), jpeg(9, 9)


def put(renditions: "Renditions", data: bytes, own: Precedence, **kwargs: bool) -> PutResult:
    metadata = RenditionMetadata(own, "image/jpeg", "inline")
    return renditions.put(KEY, data, metadata, may_replace=kwargs.get("may_replace", True))


def standing(renditions: "Renditions") -> Precedence | None:
    state = renditions.state(KEY)
    return state.precedence if state else None


def test_the_first_rendition_is_created(renditions: "Renditions") -> None:
    result = put(renditions, ONE, Precedence("0A", 7, "r1"))

    assert result == PutResult(Placement.CREATED, len(ONE))
    assert standing(renditions) == Precedence("0A", 7, "r1")


def test_an_unknown_key_has_no_state(renditions: "Renditions") -> None:
    assert renditions.state(KEY) is None


def test_the_same_rendition_is_not_stored_twice(renditions: "Renditions") -> None:
    put(renditions, ONE, Precedence("0A"))

    assert put(renditions, ONE, Precedence("0A")).placement is Placement.PRESENT


def test_a_newer_event_replaces_and_an_older_one_is_skipped(renditions: "Renditions") -> None:
    put(renditions, ONE, Precedence("0A99"))

    replaced = put(renditions, TWO, Precedence("0B"))
    skipped = put(renditions, ONE, Precedence("0A99"))

    assert replaced.placement is Placement.REPLACED
    assert (skipped.placement, skipped.winner) == (Placement.SKIPPED, Precedence("0B"))
    assert standing(renditions) == Precedence("0B")


def test_a_newer_deployment_replaces_and_an_older_one_is_skipped(renditions: "Renditions") -> None:
    put(renditions, ONE, Precedence("0A", 1, "r1"))

    replaced = put(renditions, TWO, Precedence("0A", 2, "r2"))
    skipped = put(renditions, ONE, Precedence("0A", 1, "r1"))

    assert [replaced.placement, skipped.placement] == [Placement.REPLACED, Placement.SKIPPED]


def test_a_rendition_of_another_event_is_kept_without_permission(
    renditions: "Renditions",
) -> None:
    put(renditions, ONE, Precedence("0A"))

    occupied = put(renditions, TWO, Precedence("0B"), may_replace=False)

    assert (occupied.placement, standing(renditions)) == (Placement.OCCUPIED, Precedence("0A"))


def test_a_rendition_is_read_only_in_its_last_state(renditions: "Renditions") -> None:
    put(renditions, ONE, Precedence("0A"))
    former = renditions.state(KEY)
    put(renditions, TWO, Precedence("0B"))
    state = renditions.state(KEY)

    assert former is not None
    assert state is not None
    assert (renditions.read(KEY, former), renditions.read(KEY, state)) == (None, TWO)


def test_a_removed_rendition_leaves_a_marker_that_older_events_cannot_replace(
    renditions: "Renditions",
) -> None:
    put(renditions, TWO, Precedence("0B"))

    removed = renditions.remove(KEY, of_deletion("0B"))

    state = renditions.state(KEY)
    assert removed
    assert state is not None
    assert (state.is_removed, state.precedence) == (True, of_deletion("0B"))
    assert put(renditions, ONE, Precedence("0B", 9, "r9")).placement is Placement.SKIPPED
    assert put(renditions, ONE, Precedence("0C")).placement is Placement.REPLACED


def test_removing_keeps_newer_renditions(renditions: "Renditions") -> None:
    put(renditions, TWO, Precedence("0B"))

    removed = renditions.remove(KEY, of_deletion("0A99"))

    assert (removed, standing(renditions)) == (False, Precedence("0B"))


@pytest.mark.parametrize("again", [False, True])
def test_a_marker_is_written_once_where_there_is_no_object(
    renditions: "Renditions", again: bool
) -> None:
    if again:
        renditions.remove(KEY, of_deletion("0A"))

    assert renditions.remove(KEY, of_deletion("0A")) is not again
    assert standing(renditions) == of_deletion("0A")
