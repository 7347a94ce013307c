# ruff: noqa: INP001 - scripts, not a package
"""Ask whether what we lock is known to be vulnerable: `audit.py PIP-AUDIT LOCK…`.

pip-audit ends well when nobody could be asked. This says so, lock by lock, and ends with an error
only for what is known: a build must not hang on somebody else's service. Before a release the
answers must be there: `audit.py --strict …` takes silence for a failure.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PATIENCE_S = 240
"""For all locks together."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one lock."""

    lock: str
    asked: int
    unanswered: tuple[str, ...]
    """Why nothing could be learnt, a line a package."""
    known: tuple[str, ...]
    """Vulnerabilities, each with its package and what mends it."""

    def __str__(self) -> str:
        """Tell it in a few lines."""
        if self.known:
            return "\n".join(
                (f"{self.lock}: {len(self.known)} known to be vulnerable", *self.known)
            )
        if self.unanswered:
            count = f"{len(self.unanswered)} of {self.asked + len(self.unanswered)}"
            return f"{self.lock}: NOT AUDITED, {count} packages unanswered: {self.unanswered[0]}"
        return f"{self.lock}: none of {self.asked} packages known to be vulnerable"


def verdict(lock: str, report: Mapping[str, Any]) -> Verdict:
    """Return what a report of pip-audit's says."""
    packages = report["dependencies"]
    return Verdict(
        lock,
        asked=sum("vulns" in package for package in packages),
        unanswered=tuple(p["skip_reason"] for p in packages if "skip_reason" in p),
        known=tuple(_named(p, v) for p in packages for v in p.get("vulns", [])),
    )


def _named(package: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    mended = ", ".join(found["fix_versions"]) or "no version yet"
    return f"  {package['name']} {package['version']}: {found['id']}, mended in {mended}"


def ask(tool: str, lock: Path, patience_s: float) -> Verdict:
    """Have pip-audit ask about every package of a lock, for so long at most."""
    how = ["--disable-pip", "--require-hashes", "--format=json", "--progress-spinner=off"]
    try:
        done = subprocess.run(  # noqa: S603 - the tool of our own lock
            [tool, *how, "--requirement", str(lock)],
            capture_output=True,
            text=True,
            timeout=patience_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Verdict(lock.stem, 0, ("no answer in time",), ())
    try:
        return verdict(lock.stem, json.loads(done.stdout))
    except ValueError:  # no report: it found nobody to ask
        last = done.stderr.strip().splitlines()[-1:] or ["no answer"]
        return Verdict(lock.stem, 0, (last[0],), ())


def main(tool: str, locks: Sequence[str], *, strict: bool = False) -> int:
    """Print a verdict a lock; 1 if anything is known to be vulnerable, or if strict, not known."""
    deadline = time.monotonic() + _PATIENCE_S
    verdicts = [ask(tool, Path(lock), max(1.0, deadline - time.monotonic())) for lock in locks]
    print("\n".join(map(str, verdicts)))  # noqa: T201 - a command's answer
    return int(any(found.known or (strict and found.unanswered) for found in verdicts))


if __name__ == "__main__":
    given = [text for text in sys.argv[1:] if text != "--strict"]
    sys.exit(main(given[0], given[1:], strict="--strict" in sys.argv))
