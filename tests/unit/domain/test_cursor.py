import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemill.domain.cursor import MAX_CURSOR_LENGTH, cursor_at, position_of
from imagemill.domain.record import Status
from imagemill.errors import InvalidCursor

POSITION = f"2026-05-04T10:20:30.123Z#{'a2' * 13}"


def forged(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("status", [None, "pending", "ready", "rejected", "failed"])
def test_a_cursor_returns_the_position_it_was_made_from(status: Status | None) -> None:
    cursor = cursor_at(POSITION, status)

    assert position_of(cursor, status) == POSITION
    assert len(cursor) <= MAX_CURSOR_LENGTH


def test_a_cursor_is_invalid_with_another_filter() -> None:
    with pytest.raises(InvalidCursor):
        position_of(cursor_at(POSITION, "ready"), None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        POSITION,
        f"2||{POSITION}",
        f"1|ready|{POSITION}",
        "1||~",
        "1||",
        f"1||x|{POSITION}",
        f"1||{POSITION} ",
        f"1||{POSITION}\n",
        f"1||{POSITION.replace('2026-05', '2026-13')}",
        f"1||{POSITION.upper()}",
        "1||٢٠٢٦-05-04T10:20:30.123Z#" + "a" * 26,
    ],
)
def test_a_forged_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        position_of(forged(text), None)


@pytest.mark.parametrize("ending", ["=", "A", " ", "!", "\n"])
def test_a_cursor_with_another_ending_is_rejected(ending: str) -> None:
    with pytest.raises(InvalidCursor):
        position_of(cursor_at(POSITION, None) + ending, None)


@given(st.text())
def test_any_text_is_rejected_or_is_a_cursor(text: str) -> None:
    try:
        position = position_of(text, None)
    except InvalidCursor:
        return
    assert cursor_at(position, None) == text
