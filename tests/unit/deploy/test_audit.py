"""What an audit says, and what it does not say when nobody answered."""

from pathlib import Path
from typing import Any

import pytest
from audit import ask, verdict

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
    tool = tmp_path / "pip-audit"
    tool.write_text("#!/bin/sh\nexec sleep 600\n")
    tool.chmod(0o755)

    found = ask(str(tool), tmp_path / "a.lock", patience_s=0.1)

    assert str(found) == "a: NOT AUDITED, 1 of 1 packages unanswered: no answer in time"
