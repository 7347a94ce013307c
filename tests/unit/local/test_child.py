"""The process of the embedded AWS."""

import asyncio
import sys
from collections.abc import Iterator

import pytest

from imagemill.local.child import use_fast_event_loop

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not support Windows")


@pytest.fixture(autouse=True)
def _usual_policy() -> Iterator[None]:
    usual = asyncio.get_event_loop_policy()
    yield
    asyncio.set_event_loop_policy(usual)


def test_the_event_loop_of_the_embedded_aws_is_uvloop() -> None:
    import uvloop  # noqa: PLC0415 - not installed on Windows

    use_fast_event_loop()

    loop = asyncio.new_event_loop()
    loop.close()
    assert isinstance(loop, uvloop.Loop)
