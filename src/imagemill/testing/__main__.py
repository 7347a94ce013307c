"""Run the fake until stdin ends: `python -m imagemill.testing [RECIPE]`.

The first line on stdout is JSON with `url` and `key`. The log of the API goes to stderr.
"""

import json
import sys
from contextlib import redirect_stdout
from threading import Thread

from imagemill.testing.names import STAGE
from imagemill.testing.server import FakeServer


def main(recipe: str) -> None:
    """Serve until the parent closes stdin or ends."""
    server = FakeServer(recipe)
    print(json.dumps({"url": f"{server.url}{STAGE}", "key": server.key}), flush=True)  # noqa: T201
    # The functions log to stdout.
    with redirect_stdout(sys.stderr):
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:] or ["500"])
