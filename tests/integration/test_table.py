"""Reads of the real table that the functions do not use."""

import secrets

from live.stack import Stack

from imagemill.domain.transitions import pending

MORE_THAN_ONE_REQUEST = 130


def test_get_many_reads_more_records_than_fit_into_one_request_and_omits_unknown_ids(
    stack: Stack,
) -> None:
    keys = [f"{secrets.token_hex(8)}.jpg" for _ in range(MORE_THAN_ONE_REQUEST)]
    known = [pending(key, 7, "2026-05-04T10:20:29.000Z", 0) for key in keys]
    for record in known:
        stack.records.put(record)

    found = stack.records.get_many([*(record.id for record in known), "a" * 26])

    assert found == {record.id: record for record in known}
