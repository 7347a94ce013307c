"""Lines of the audit log among those of the function."""

import json

import pytest

from imagemill.domain.audit_entry import AuditEntry, entry_of, line_of

AT = "2026-05-04T10:20:30.123Z"


def test_a_line_of_the_function_is_an_entry() -> None:
    line = {"message": "audit", "action": "delete", "actor": "user:a", "key": "k", "image": "i"}

    assert entry_of(json.dumps(line), AT) == AuditEntry(AT, "delete", "user:a", "k", "i")


def test_a_line_of_a_command_is_an_entry() -> None:
    line = line_of("create key", "iam:arn", "booth")

    assert entry_of(line, AT) == AuditEntry(AT, "create key", "iam:arn", "booth")


@pytest.mark.parametrize(
    "line",
    ["audit", "[]", '"audit"', '{"message": "request answered", "key": "audit"}', "{", "1"],
)
def test_another_line_is_no_entry(line: str) -> None:
    assert entry_of(line, AT) is None
