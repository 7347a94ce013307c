import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemill.domain.cursor import MAX_CURSOR_LENGTH, cursor_at, place_of
from imagemill.domain.record import Status
from imagemill.errors import InvalidCursor

PLACE = f"2026-05-04T10:20:30.123Z#{'a2' * 13}"


def forged(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("status", [None, "pending", "ready", "rejected", "failed"])
def test_a_cursor_returns_the_position_it_was_made_from(status: Status | None) -> None:
    cursor = cursor_at(PLACE, status)

    assert place_of(cursor, status) == PLACE
    assert len(cursor) <= MAX_CURSOR_LENGTH


def test_a_cursor_is_invalid_with_another_filter() -> None:
    with pytest.raises(InvalidCursor):
        place_of(cursor_at(PLACE, "ready"), None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        PLACE,
        f"2||{PLACE}",
        f"1|ready|{PLACE}",
        "1||~",
        "1||",
        f"1||x|{PLACE}",
        f"1||{PLACE} ",
        f"1||{PLACE}\n",
        f"1||{PLACE.replace('2026-05', '2026-13')}",
        f"1||{PLACE.upper()}",
        "1||٢٠٢٦-05-04T10:20:30.123Z#" + "a" * 26,
    ],
)
def test_a_forged_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        place_of(forged(text), None)


@pytest.mark.parametrize("ending", ["=", "A", " ", "!", "\n"])
def test_a_cursor_with_another_ending_is_rejected(ending: str) -> None:
    with pytest.raises(InvalidCursor):
        place_of(cursor_at(PLACE, None) + ending, None)


@given(st.text())
def test_any_text_is_rejected_or_is_a_cursor(text: str) -> None:
    try:
        place = place_of(text, None)
    except InvalidCursor:
        return
    assert cursor_at(place, None) == text
