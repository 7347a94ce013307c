"""Drive the whole pipeline through a storm and tell what is left of its promises.

    SEED=7 FILES=200 SECONDS=300 PICTURES=~/Pictures python tests/chaos/run.py

`SEED` chooses what happens (a random one unless given; it is printed), `FILES` how many files are
put (1000), `SECONDS` when it ends at the latest (1200), `PICTURES` a folder whose files are mixed
in, `TROUBLES` which troubles requests may meet, by their names in `chaos.weather.Trouble` with
commas in between (all of them). The last line on stdout is the ledger in JSON, whose sums
`chaos.ledger.Ledger` defines; every finding stands on stderr. The exit code is 0 if nothing is
lost, doubled, stale or orphaned, 1 if anything is, and 3 if the time was up.
"""

import json
import os
import secrets
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from chaos.ordeal import Wanted, undergo
from chaos.weather import EVERY_TROUBLE, Trouble

_TIME_UP = 3
_STORM_SHARE = 0.55
"""Part of the time by which the storm ends; whatever is left to do is then done at once."""


def main() -> int:
    """Run as the environment asks; return the exit code."""
    folder = os.environ.get("PICTURES")
    most_s = float(os.environ.get("SECONDS") or 1200)
    wanted = Wanted(
        seed=int(os.environ.get("SEED") or secrets.randbelow(1_000_000)),
        files=int(os.environ.get("FILES") or 1000),
        storm_s=most_s * _STORM_SHARE,
        most_s=most_s,
        images=Path(folder).expanduser() if folder else None,
        troubles=_troubles(os.environ.get("TROUBLES", "")),
    )
    sys.stderr.write(f"SEED={wanted.seed} FILES={wanted.files}\n")
    _end_after(wanted.most_s)
    ledger, findings = undergo(wanted)
    for finding in findings:
        sys.stderr.write(f"{finding.kind}: {finding.key}: {finding.why}\n")
    told = {**ledger.facts(), "troubles": ledger.troubles}
    sys.stdout.write(f"{json.dumps(told)}\n")
    return 0 if ledger.is_clean() else 1


def _troubles(names: str) -> frozenset[Trouble]:
    """Return the troubles of these names; raises ValueError for one that there is not."""
    return frozenset(Trouble(name.strip()) for name in names.split(",") if name) or EVERY_TROUBLE


def _end_after(seconds: float) -> None:
    """End this process whatever it does then; the embedded AWS ends with it."""

    def end() -> None:
        sys.stderr.write(f"the {seconds:.0f} s are up\n")
        os._exit(_TIME_UP)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    sys.exit(main())
