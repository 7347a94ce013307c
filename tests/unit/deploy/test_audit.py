"""What an audit says, and what it does not say when nobody answered."""

import json
from pathlib import Path
from typing import Any

import pytest
from audit import ask, main, verdict

SOUND = {"name": "six", "version": "1.17.0", "vulns": []}
VULNERABLE = {
    "name": "pillow",
    "version": "1.0",
    "vulns": [{"id": "CVE-1", "fix_versions": ["1.1", "2.0"], "description": "bad"}],
}
UNANSWERED = {"name": "urllib3", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "said"),
    [
        ([SOUND, SOUND], "a: none of 2 packages known to be vulnerable"),
        ([UNANSWERED, SOUND], "a: NOT AUDITED, 1 of 2 packages unanswered: not found"),
        (
            [SOUND, VULNERABLE, UNANSWERED],
            "a: 1 known to be vulnerable\n  pillow 1.0: CVE-1, mended in 1.1, 2.0",
        ),
    ],
)
def test_a_verdict_says_what_is_known_and_what_is_not(
    packages: list[dict[str, Any]], said: str
) -> None:
    assert str(verdict("a", {"dependencies": packages})) == said


def test_a_service_that_hangs_is_one_that_did_not_answer(tmp_path: Path) -> None:
    path = tmp_path / "pip-audit"
    path.write_text("#!/bin/sh\nexec sleep 600\n")
    path.chmod(0o755)

    found = ask(str(path), tmp_path / "a.lock", patience_s=0.1)

    assert str(found) == "a: NOT AUDITED, 1 of 1 packages unanswered: no answer in time"


def tool(folder: Path, *said: str) -> str:
    """Write a program that ends as pip-audit does when it found something or nobody."""
    path = folder / "pip-audit"
    path.write_text("\n".join(["#!/bin/sh", *said, "exit 1"]))
    path.chmod(0o700)
    return str(path)


def test_what_is_known_fails_the_audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = json.dumps({"dependencies": [SOUND, VULNERABLE]})

    status = main(tool(tmp_path, f"echo '{report}'"), ["locks/api.lock"])

    assert status == 1
    assert "api: 1 known to be vulnerable" in capsys.readouterr().out


@pytest.mark.parametrize(("strict", "expected"), [(False, 0), (True, 1)])
def test_silence_is_told_and_fails_the_audit_where_answers_must_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, strict: bool, expected: int
) -> None:
    away = tool(tmp_path, "echo 'nobody there' >&2")

    status = main(away, ["locks/api.lock"], strict=strict)

    assert status == expected
    assert "api: NOT AUDITED" in capsys.readouterr().out
