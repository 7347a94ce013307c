"""A short storm for every day; `run.py` is the long one."""

import pytest
from chaos.ordeal import Wanted, undergo


@pytest.mark.timeout(450)
def test_nothing_is_lost_doubled_stale_or_orphaned_in_a_storm() -> None:
    ledger, findings = undergo(Wanted(seed=11, files=60, storm_s=30, most_s=400))

    assert findings == []
    assert ledger.is_clean()
    assert ledger.sent == 60
    assert ledger.sent == ledger.ready + ledger.rejected + ledger.deleted
