"""The port to which the issuer redirects the browser."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from imagemill.errors import SetupFailed
from imagemill.rest.loopback import Loopback


def test_only_the_redirect_of_the_attempt_is_its_answer() -> None:
    with Loopback(0) as loopback, ThreadPoolExecutor() as pool, httpx.Client(timeout=60) as client:
        waiting = pool.submit(loopback.answer, "mine", 120)
        base = loopback.redirect_uri.replace("localhost", "127.0.0.1")
        others = ["favicon.ico?state=mine", "?code=stolen&state=invented", "?code=stolen"]
        statuses = [client.get(base + path).status_code for path in others]
        page = client.get(f"{base}?code=c%20d&state=mine")

        assert statuses == [404, 404, 404]
        assert (page.status_code, waiting.result()) == (200, {"code": "c d", "state": "mine"})


def test_nobody_is_waited_for_for_ever() -> None:
    with Loopback(0) as loopback, pytest.raises(SetupFailed, match="nobody signed in"):
        loopback.answer("mine", 0.05)


def test_a_port_that_is_in_use_is_named() -> None:
    with Loopback(0) as loopback:
        port = int(loopback.redirect_uri.rstrip("/").rpartition(":")[2])

        with pytest.raises(SetupFailed, match=f"port {port} is in use"):
            Loopback(port)
