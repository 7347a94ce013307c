"""A short run under faults for every day; `run.py` is the long one."""

import pytest
from chaos.scenario import ScenarioOptions, run_scenario


@pytest.mark.timeout(450)
def test_nothing_is_lost_doubled_stale_or_orphaned_under_faults() -> None:
    summary, findings = run_scenario(ScenarioOptions(seed=11, files=60, faults_s=30, limit_s=400))

    assert findings == []
    assert summary.is_clean()
    assert summary.sent == 60
    assert summary.sent == summary.ready + summary.rejected + summary.deleted
    assert summary.variants > 0
