# ruff: noqa: INP001 - scripts, not a package
"""Look up known vulnerabilities of the locked packages: `audit.py [--strict] PIP-AUDIT LOCK…`.

pip-audit exits with 0 when it could not reach PyPI. This script then reports NOT AUDITED, and fails
only for known vulnerabilities, so that a build does not depend on PyPI. With `--strict`, for
releases, it also fails for packages that were not audited.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Seconds for all locks together.
_TIMEOUT_S = 240


@dataclass(frozen=True, slots=True)
class AuditResult:
    """The result for one lock. `str()` formats it for the terminal."""

    lock: str
    audited: int
    """Number of packages that PyPI answered for."""
    skipped: tuple[str, ...]
    """The reason for each package that was not audited."""
    vulnerabilities: tuple[str, ...]
    """One line for each known vulnerability, with its package and the fixed versions."""

    def __str__(self) -> str:
        """Return one line, or one more for each vulnerability."""
        if self.vulnerabilities:
            head = f"{self.lock}: vulnerabilities: {len(self.vulnerabilities)}"
            return "\n".join((head, *self.vulnerabilities))
        if self.skipped:
            count = f"{len(self.skipped)} of {self.audited + len(self.skipped)}"
            return f"{self.lock}: NOT AUDITED, no answer for {count} packages: {self.skipped[0]}"
        return f"{self.lock}: no known vulnerabilities in {self.audited} packages"


def parse_report(lock: str, report: Mapping[str, Any]) -> AuditResult:
    """Convert a JSON report of pip-audit."""
    packages = report["dependencies"]
    return AuditResult(
        lock,
        audited=sum("vulns" in package for package in packages),
        skipped=tuple(p["skip_reason"] for p in packages if "skip_reason" in p),
        vulnerabilities=tuple(_described(p, v) for p in packages for v in p.get("vulns", [])),
    )


def _described(package: Mapping[str, Any], vulnerability: Mapping[str, Any]) -> str:
    fixed = ", ".join(vulnerability["fix_versions"]) or "no version yet"
    return f"  {package['name']} {package['version']}: {vulnerability['id']}, fixed in {fixed}"


def audit(tool: str, lock: Path, timeout_s: float) -> AuditResult:
    """Run pip-audit on the packages of a lock; a time-out counts as not audited."""
    options = ["--disable-pip", "--require-hashes", "--format=json", "--progress-spinner=off"]
    try:
        done = subprocess.run(  # noqa: S603 - the tool of our own lock
            [tool, *options, "--requirement", str(lock)],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return AuditResult(lock.stem, 0, ("timed out",), ())
    try:
        return parse_report(lock.stem, json.loads(done.stdout))
    except ValueError:
        # pip-audit writes no report when it cannot reach PyPI.
        last = done.stderr.strip().splitlines()[-1:] or ["no output"]
        return AuditResult(lock.stem, 0, (last[0],), ())


def main(tool: str, locks: Sequence[str], *, strict: bool = False) -> int:
    """Print the result of each lock; return 1 for vulnerabilities, or if strict, for gaps."""
    deadline = time.monotonic() + _TIMEOUT_S
    results = [audit(tool, Path(lock), max(1.0, deadline - time.monotonic())) for lock in locks]
    print("\n".join(map(str, results)))  # noqa: T201 - the output of a command
    return int(any(one.vulnerabilities or (strict and one.skipped) for one in results))


if __name__ == "__main__":
    given = [text for text in sys.argv[1:] if text != "--strict"]
    sys.exit(main(given[0], given[1:], strict="--strict" in sys.argv))
