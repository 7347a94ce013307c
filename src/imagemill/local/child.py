"""The process of the embedded AWS: MiniStack with patches, behind the gate.

It ends when the pipe from its parent closes, and exits with UNSAVED if its state could not be
written. The parent passes the data folder, which contains the root key.
"""

import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from imagemill.local.cloudfront import Distributions
from imagemill.local.function_start import share_code, start_without_botocore
from imagemill.local.gate import OWN_PREFIX, Gate
from imagemill.local.growth import limit_growth
from imagemill.local.guard import App, Backends, Receive, Send, guarded
from imagemill.local.iam_patterns import match_every_character
from imagemill.local.iam_speed import speed_up_iam
from imagemill.local.key_groups import add_key_groups
from imagemill.local.map_runs import batch_items
from imagemill.local.ministack_keys import (
    Emulated,
    give_functions_secret_keys,
    only_this_root,
    verify_code,
)
from imagemill.local.object_tags import respect_object_tags
from imagemill.local.on_request import on_request
from imagemill.local.queue_actions import permit_batches
from imagemill.local.quick_listing import list_quickly
from imagemill.local.quick_scan import scan_quickly
from imagemill.local.request import Message
from imagemill.local.root_key import root_key
from imagemill.local.saving import Saver, saving
from imagemill.local.signing_keys import FileKeys
from imagemill.local.storage import keep_on_disk

# Exit status of a process whose state could not be written: EX_CANTCREAT of sysexits.h.
UNSAVED = 73
# Modules of MiniStack, besides S3, that keep something for each image: for `limit_growth`.
_GROWING = ("dynamodb", "eventbridge", "lambda_svc", "cloudwatch_logs")
SAVE_PATH = f"{OWN_PREFIX}save"
HEALTH_PATH = f"{OWN_PREFIX}health"


def main() -> None:
    """Run MiniStack until the parent ends."""
    use_fast_event_loop()
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    import ministack.app as ministack  # noqa: PLC0415  # only the child may load it

    logging.getLogger("persistence").setLevel(logging.WARNING)
    data_dir = Path(os.environ["IMAGEMILL_DATA_DIR"])
    key = root_key(data_dir)
    emulated = Emulated(key, ministack)
    only_this_root(key)
    give_functions_secret_keys(key, emulated.functions)
    patch_core()
    patch_services(ministack)
    saver = Saver(ministack)
    ministack.save_all = saver.save_all
    distributions = Distributions(ministack._get_module("cloudfront"), key.access_key_id)
    images = on_request(distributions, FileKeys(data_dir), gallery(ministack))
    backends = Backends(saving(ministack.app, saver), images, own(saver))
    rules = Gate(int(os.environ["GATEWAY_PORT"]), emulated)
    sys.argv = ["ministack"]
    ministack.app = guarded(rules, key.access_key_id, backends)
    try:
        ministack.main()
    finally:
        logging.shutdown()
        if saver.unsaved:
            os._exit(UNSAVED)


def patch_core() -> None:
    """Change the parts of MiniStack that all services share."""
    from ministack.core import (  # noqa: PLC0415  # only the child may load it
        iam_actions,
        iam_evaluator,
        lambda_runtime,
        responses,
        router,
    )

    permit_batches(iam_actions)
    start_without_botocore(lambda_runtime)
    share_code(lambda_runtime)
    speed_up_iam(iam_evaluator, responses, router)
    match_every_character(iam_evaluator)


def patch_services(ministack: Any) -> None:  # noqa: ANN401  # a module without types
    """Change the services of MiniStack."""
    s3 = ministack._get_module("s3")
    respect_object_tags(s3)
    verify_code(ministack._get_module("lambda_svc"))
    keep_on_disk(s3)
    list_quickly(s3)
    limit_growth(*map(ministack._get_module, _GROWING))
    scan_quickly(ministack._get_module("dynamodb"))
    add_key_groups(ministack._get_module("cloudfront"))
    batch_items(ministack._get_module("stepfunctions"), s3)


def use_fast_event_loop() -> None:
    """Use uvloop, which takes a fifth less CPU time per image; Windows has none."""
    if sys.platform != "win32":
        import uvloop  # noqa: PLC0415  # not installed on Windows

        uvloop.install()


def gallery(ministack: Any) -> App:  # noqa: ANN401  # a module without types
    """Return an application that serves CloudFront distributions only."""

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


def own(saver: Saver) -> App:
    """Return an application with two paths: one saves the state, one is the health check."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        del receive
        status, answer = 404, {}
        if scope["path"] == HEALTH_PATH:
            status = 200
        elif scope["path"] == SAVE_PATH and scope["method"] == "POST":
            saver.save()
            status, answer = (507 if saver.unsaved else 200), {"unsaved": sorted(saver.unsaved)}
        body = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _stop_with_parent() -> None:
    os.read(0, 1)  # unbuffered: a buffered reader would hold a lock at exit
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
