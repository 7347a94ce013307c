"""The process of the embedded AWS: MiniStack behind our gate, with its faults put right.

It ends when the pipe from its parent closes. Its parent passes the data folder; the root key is
read from there.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from imagemill.local.gate import OWN_PREFIX, Gate
from imagemill.local.guard import App, Behind, Receive, Send, guarded
from imagemill.local.ministack_keys import (
    Emulated,
    give_functions_secret_keys,
    only_this_root,
    verify_code,
)
from imagemill.local.request import Message
from imagemill.local.root_key import root_key
from imagemill.local.storage import keep_on_disk

HEALTH_PATH = f"{OWN_PREFIX}health"


def main() -> None:
    """Run MiniStack until the parent goes away."""
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    import ministack.app as ministack  # noqa: PLC0415  # only the child may load it

    key = root_key(Path(os.environ["IMAGEMILL_DATA_DIR"]))
    emulated = Emulated(key, ministack)
    only_this_root(key)
    give_functions_secret_keys(key, emulated.functions)
    verify_code(ministack._get_module("lambda_svc"))
    keep_on_disk(ministack._get_module("s3"))
    behind = Behind(ministack.app, gallery(ministack), own)
    rules = Gate(int(os.environ["GATEWAY_PORT"]), emulated)
    sys.argv = ["ministack"]
    ministack.app = guarded(rules, key.access_key_id, behind)
    ministack.main()


def gallery(ministack: Any) -> App:  # noqa: ANN401  # a module without types
    """Return an application that serves distributions and has no other path."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        headers = {n.decode("latin-1").lower(): v.decode("latin-1") for n, v in scope["headers"]}
        query = scope["query_string"].decode("ascii")
        answer = await ministack._handle_cloudfront_dataplane_request(
            headers["host"],
            scope["path"],
            scope["raw_path"].decode("ascii"),
            query,
            scope["method"],
            headers,
            b"",
            parse_qs(query, keep_blank_values=True),
            (scope.get("client") or ("127.0.0.1",))[0],
        )
        await ministack._send_if_handled(ministack._with_date_header(send), answer, receive)

    return app


async def own(scope: Message, receive: Receive, send: Send) -> None:
    """Say that the embedded AWS is well, to its parent."""
    del receive
    status = 200 if scope["path"] == HEALTH_PATH else 404
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _stop_with_parent() -> None:
    os.read(0, 1)  # unbuffered: a buffered reader would hold a lock at exit
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
