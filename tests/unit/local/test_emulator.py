import socket
from pathlib import Path

import pytest

from imagemill.errors import SetupFailed
from imagemill.local.emulator import Emulator, time_limit_s


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


def test_a_large_state_has_more_time_to_be_read_and_written(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    for name in ("dynamodb.json", "lambda.json"):
        with (tmp_path / "state" / name).open("wb") as file:
            file.truncate(20_000_000)

    assert time_limit_s(60, tmp_path) == 100
    assert time_limit_s(60, tmp_path / "new") == 60
