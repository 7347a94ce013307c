"""The audit reports vulnerabilities, and packages for which PyPI gave no answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from audit import audit, main, parse_report

SOUND = {"name": "six", "version": "1.17.0", "vulns": []}
VULNERABLE = {
    "name": "pillow",
    "version": "1.0",
    "vulns": [{"id": "CVE-1", "fix_versions": ["1.1", "2.0"], "description": "bad"}],
}
SKIPPED = {"name": "urllib3", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "text"),
    [
        ([SOUND, SOUND], "a: no known vulnerabilities in 2 packages"),
        ([SKIPPED, SOUND], "a: NOT AUDITED, no answer for 1 of 2 packages: not found"),
        (
            [SOUND, VULNERABLE, SKIPPED],
            "a: vulnerabilities: 1\n  pillow 1.0: CVE-1, fixed in 1.1, 2.0",
        ),
    ],
)
def test_a_result_lists_vulnerabilities_or_unaudited_packages(
    packages: list[dict[str, Any]], text: str
) -> None:
    assert str(parse_report("a", {"dependencies": packages})) == text


def test_a_time_out_counts_as_not_audited(tmp_path: Path) -> None:
    path = tmp_path / "pip-audit"
    path.write_text("#!/bin/sh\nexec sleep 600\n")
    path.chmod(0o755)

    found = audit(str(path), tmp_path / "a.lock", timeout_s=0.1)

    assert str(found) == "a: NOT AUDITED, no answer for 1 of 1 packages: timed out"


def tool(folder: Path, *lines: str) -> str:
    """Write a program that exits like pip-audit with a vulnerability or without a connection."""
    path = folder / "pip-audit"
    path.write_text("\n".join(["#!/bin/sh", *lines, "exit 1"]))
    path.chmod(0o700)
    return str(path)


def test_a_known_vulnerability_fails_the_audit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = json.dumps({"dependencies": [SOUND, VULNERABLE]})

    status = main(tool(tmp_path, f"echo '{report}'"), ["locks/api.lock"])

    assert status == 1
    assert "api: vulnerabilities: 1" in capsys.readouterr().out


@pytest.mark.parametrize(("strict", "expected"), [(False, 0), (True, 1)])
def test_an_unaudited_package_is_reported_and_fails_a_strict_audit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, strict: bool, expected: int
) -> None:
    offline = tool(tmp_path, "echo 'no connection' >&2")

    status = main(offline, ["locks/api.lock"], strict=strict)

    assert status == expected
    assert "api: NOT AUDITED" in capsys.readouterr().out
