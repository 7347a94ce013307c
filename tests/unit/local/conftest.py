"""MiniStack with the patches that limit its memory."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from imagemill.local.growth import limit_growth

SERVICES = ("dynamodb", "eventbridge", "lambda_svc", "cloudwatch_logs")
# The functions that are replaced.
REPLACED = ("_set_item", "_events_log_list", "_emit_lambda_logs")


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Return patched modules of MiniStack; the patches are undone for other tests."""
    modules: list[Any] = [import_module(f"ministack.services.{name}") for name in SERVICES]
    for module, name in zip(modules, REPLACED, strict=False):
        monkeypatch.setattr(module, name, getattr(module, name))
    limit_growth(*modules)
    yield modules
    modules[-1]._log_groups.clear()
