import socket
from pathlib import Path

import pytest

from imagemill.errors import SetupFailed
from imagemill.local.emulator import Emulator


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(SetupFailed) as caught:
            Emulator(port, tmp_path).start()

    assert str(caught.value) == (
        f"port {port} is taken: stop the program that uses it, or choose another --port"
    )
