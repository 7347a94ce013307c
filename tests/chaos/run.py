"""Run the pipeline under injected faults and check its invariants.

    SEED=7 FILES=200 SECONDS=300 PICTURES=~/Pictures python tests/chaos/run.py

`SEED` is the seed of all random choices (default: random; printed), `FILES` the number of keys
(1000), `SECONDS` the time limit (1200), `PICTURES` a folder with further files to put, `TROUBLES`
the kinds of faults to inject: values of `chaos.faults.FaultKind` separated by commas (all).

The last line on stdout is the summary in JSON, explained at `chaos.audit.Summary`; findings go to
stderr. Exit codes: 0 if nothing is lost, doubled, stale or orphaned, variants included, 1
otherwise, 3 if the time limit was reached.
"""

import json
import os
import secrets
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from chaos.faults import ALL_FAULTS, FaultKind
from chaos.scenario import ScenarioOptions, run_scenario

_TIME_UP = 3
# Share of the time limit after which the faults end and the remaining actions run at once.
_FAULTS_SHARE = 0.55


def main() -> int:
    """Run with the options of the environment; return the exit code."""
    folder = os.environ.get("PICTURES")
    limit_s = float(os.environ.get("SECONDS") or 1200)
    options = ScenarioOptions(
        seed=int(os.environ.get("SEED") or secrets.randbelow(1_000_000)),
        files=int(os.environ.get("FILES") or 1000),
        faults_s=limit_s * _FAULTS_SHARE,
        limit_s=limit_s,
        images=Path(folder).expanduser() if folder else None,
        fault_kinds=_fault_kinds(os.environ.get("TROUBLES", "")),
    )
    sys.stderr.write(f"SEED={options.seed} FILES={options.files}\n")
    _end_after(options.limit_s)
    summary, findings = run_scenario(options)
    for finding in findings:
        sys.stderr.write(f"{finding.kind}: {finding.key}: {finding.reason}\n")
    result = {**summary.counts(), "troubles": summary.faults}
    sys.stdout.write(f"{json.dumps(result)}\n")
    return 0 if summary.is_clean() else 1


def _fault_kinds(names: str) -> frozenset[FaultKind]:
    """Return the kinds of faults with these names; raises ValueError for an unknown name."""
    return frozenset(FaultKind(name.strip()) for name in names.split(",") if name) or ALL_FAULTS


def _end_after(seconds: float) -> None:
    """End this process after a time limit; the embedded AWS ends with it."""

    def end() -> None:
        sys.stderr.write(f"time limit of {seconds:.0f} s reached\n")
        os._exit(_TIME_UP)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    sys.exit(main())
