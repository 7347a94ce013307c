import pytest
from fakes.terminal import Terminal


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a terminal of 80 columns without environment variables that select a stack."""
    monkeypatch.delenv("IMAGEMILL_STACK", raising=False)
    monkeypatch.delenv("IMAGEMILL_API", raising=False)
    monkeypatch.delenv("IMAGEMILL_DATA_DIR", raising=False)
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    return Terminal()
