"""A function of a REST API in a new process: prints the CPU time of its start and its requests.

    python api_worker.py imagemill|usual ROUNDS
    → {"start": 171.2, "modules": 246, "GET /images?limit=100": 21.3, …}, in ms

`usual` is a handler as the documentation of Powertools shows it: a resolver with validation,
pydantic models, and boto3. It reads a page by one query, and signs two URLs for each image.
"""

import base64
import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from statistics import median
from typing import Any

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
_ID = "a" * 26
REQUESTS: dict[str, dict[str, Any]] = {
    "GET /images/{id}": {"path": f"/images/{_ID}"},
    "GET /images?limit=20": {"path": "/images", "query": {"limit": "20"}},
    "GET /images?limit=100": {"path": "/images", "query": {"limit": "100"}},
    "POST /uploads": {"path": "/uploads", "body": b'{"filename":"a.jpg","bytes":3500000}'},
    "POST /images, 1 MB": {"path": "/images", "body": b"\xff\xd8\xff\xe0" + bytes(1_000_000)},
}


class _Context:
    """The parts of Lambda's context object that the handlers read."""

    aws_request_id = "benchmark"
    function_name = memory_limit_in_mb = invoked_function_arn = "benchmark"


def imagemill() -> Handler:
    """Return imagemill's handler."""
    from imagemill.functions.api import handler  # noqa: PLC0415 - one contender a process

    return handler


def usual() -> Handler:
    """Return a handler as in the documentation of Powertools and boto3."""
    handler: Handler = import_module("api_usual").handler
    return handler


def event(path: str, query: dict[str, str] | None = None, body: bytes = b"") -> dict[str, Any]:
    """Return a request as API Gateway sends it."""
    is_json = body.startswith(b"{")
    headers = {"content-type": "application/json" if is_json else "image/jpeg"}
    return {
        "resource": path,
        "path": path,
        "httpMethod": "POST" if body else "GET",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {n: [v] for n, v in (query or {}).items()} or None,
        "requestContext": {"requestId": "r", "path": f"/live{path}", "stage": "live"},
        "body": body.decode() if is_json else base64.b64encode(body).decode(),
        "isBase64Encoded": not is_json,
    }


def main(name: str, rounds: int) -> dict[str, float]:
    """Return the CPU time until the first answer, the modules then, and medians of requests."""
    begun = time.process_time()
    handler = {"imagemill": imagemill, "usual": usual}[name]()
    first = event(**REQUESTS["GET /images/{id}"])
    _require(handler(first, _Context()))
    found: dict[str, float] = {
        "start": 1000 * (time.process_time() - begun),
        "modules": len(sys.modules),
    }
    for title, request in REQUESTS.items():
        taken = [_ms(handler, event(**request)) for _ in range(rounds)]
        found[title] = median(taken[1:])
    return found


def _ms(handler: Handler, request: dict[str, Any]) -> float:
    begun = time.process_time()
    answer = handler(request, _Context())
    taken = 1000 * (time.process_time() - begun)
    _require(answer)
    return taken


def _require(answer: dict[str, Any]) -> None:
    if answer["statusCode"] >= 400:  # noqa: PLR2004 - the first error status of HTTP
        raise RuntimeError(answer["body"])


if __name__ == "__main__":
    os.environ["POWERTOOLS_METRICS_DISABLED"] = "true"
    print("\n" + json.dumps(main(sys.argv[1], int(sys.argv[2]))))  # noqa: T201 - the result
