"""Promises of the real table alone, which no workflow of the functions asks for."""

import secrets

from live.stack import Stack

from imagemill.domain.record import pending

MORE_THAN_ONE_REQUEST = 130


def test_many_records_are_read_at_once_and_unknown_ones_left_out(stack: Stack) -> None:
    keys = [f"{secrets.token_hex(8)}.jpg" for _ in range(MORE_THAN_ONE_REQUEST)]
    known = [pending(key, 7, "2026-05-04T10:20:29.000Z", 0) for key in keys]
    for record in known:
        stack.records.put(record)

    found = stack.records.get_many([*(record.id for record in known), "a" * 26])

    assert found == {record.id: record for record in known}
