from dataclasses import replace

import pytest
from fakes.decisions import ready_record, rejected_record
from fakes.events import created

from imagemill.aws.record_items import from_item, to_item
from imagemill.domain.event import Focus, FocusChange
from imagemill.domain.record import ImageRecord
from imagemill.domain.record_focus import ChosenFocus, choose_focus, with_focus
from imagemill.domain.record_json import report, reported
from imagemill.domain.transitions import in_progress, succeeding

ONE, OTHER = Focus(0.25, 1), Focus(0, 0.5)
SHOWN = replace(ready_record("05"), focus=ONE)
ASKED = with_focus(SHOWN, OTHER)
APPLIED = replace(ASKED, sequencer=ASKED.focus_change.place, focus=OTHER)  # type: ignore[union-attr]  # just set
AGAIN = created(sequencer="06", version_id="v2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.3,0.7", (0.3, 0.7)),
        (" .3 , 0.70 ", (0.3, 0.7)),
        ("0,1", (0, 1)),
        ("0.33333333,0.00004", (0.3333, 0)),
        *((text, None) for text in ("", "0.3", "0.3,0.7,0.1", "1.1,0", "-0.1,0", "a,b", "1e-1,0")),
        *((text, None) for text in ("0.3;0.7", "٣,٠", "nan,nan", "0.3,0.7\n0", "99999999999,0")),
    ],
)
def test_a_point_of_an_image_is_read(text: str, expected: tuple[float, float] | None) -> None:
    found = Focus.parse(text)

    assert (found and found.point) == expected
    assert found is None or Focus.parse(str(found)) == found


@pytest.mark.parametrize("focus", [ONE, OTHER, None])
def test_a_focal_point_and_its_change_are_stored_in_the_item(focus: Focus | None) -> None:
    record = replace(SHOWN, focus=focus, focus_change=FocusChange("05.00000001.f1", focus))

    assert from_item(to_item(record)) == record


@pytest.mark.parametrize("record", [SHOWN, ASKED, APPLIED, ready_record()])
def test_the_public_record_tells_the_focal_point_and_whether_it_is_applied(
    record: ImageRecord,
) -> None:
    read = reported(report(record))

    assert read.wanted_focus == record.wanted_focus
    assert read.is_focus_applied is record.is_focus_applied


def test_a_change_is_applied_when_the_record_has_its_place() -> None:
    assert (SHOWN.wanted_focus, SHOWN.is_focus_applied) == (ONE, True)
    assert (ASKED.wanted_focus, ASKED.is_focus_applied) == (OTHER, False)
    assert (APPLIED.wanted_focus, APPLIED.is_focus_applied) == (OTHER, True)


def test_every_change_has_a_place_after_the_former_one_and_before_the_next_event() -> None:
    first = with_focus(SHOWN, OTHER)
    second = with_focus(first, None)

    places = [one.focus_change.place for one in (first, second) if one.focus_change]
    assert ["05", *places, "050001"] == sorted(["05", *places, "050001"])
    assert len(set(places)) == 2
    assert (second.revision, second.wanted_focus) == (3, None)


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        (None, "0.25,1", ChosenFocus(ONE)),
        (None, "", ChosenFocus()),
        (None, "left", ChosenFocus(is_valid=False)),
        # The same bytes as another version: a point of its own wins, no point keeps the former.
        (SHOWN, "0,0.5", ChosenFocus(OTHER)),
        (SHOWN, "", ChosenFocus(ONE)),
        (SHOWN, "left", ChosenFocus(ONE, is_valid=False)),
        (ASKED, "", ChosenFocus(OTHER, ASKED.focus_change)),
        (APPLIED, "0.25,1", ChosenFocus(ONE)),
        # Other bytes.
        (replace(APPLIED, etag="other"), "", ChosenFocus()),
        (replace(APPLIED, etag="other"), "0.25,1", ChosenFocus(ONE)),
    ],
)
def test_a_new_version_has_its_own_point_or_that_of_the_same_bytes(
    before: ImageRecord | None, text: str, expected: ChosenFocus
) -> None:
    assert choose_focus(AGAIN, before, text) == expected


@pytest.mark.parametrize("version_id", ["v1", "null", ""])
@pytest.mark.parametrize("text", ["", "0.25,1", "left"])
def test_a_change_by_a_caller_replaces_the_point_of_the_same_version(
    version_id: str, text: str
) -> None:
    before = replace(APPLIED, version_id=version_id)
    event = created(sequencer=f"{before.sequencer}", version_id=version_id)

    assert choose_focus(event, before, text).focus == OTHER


def test_a_version_that_replaced_another_without_ids_has_its_own_point() -> None:
    before = replace(APPLIED, version_id="null")

    found = choose_focus(created(sequencer="06", version_id="null"), before, "0.25,1")

    assert found == ChosenFocus(ONE)


def test_a_change_counts_from_its_place_on() -> None:
    assert choose_focus(created(sequencer="05"), ASKED, "").focus == ONE


def test_the_point_of_a_version_that_never_was_ready_is_that_of_its_metadata() -> None:
    event = created(sequencer="05")
    before = in_progress(event, None, 1, event.happened_at)

    assert choose_focus(event, before, "0.25,1").focus == ONE


def test_a_change_survives_a_state_without_renditions() -> None:
    after = succeeding(rejected_record("05"), APPLIED)

    assert after.focus_change == APPLIED.focus_change
    assert choose_focus(created(sequencer=after.sequencer + "7"), after, "").focus == OTHER
