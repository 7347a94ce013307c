"""A Lambda client with `invoke`.

Source: "Invoke" in the AWS Lambda API Reference.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, cast

from imagemill.aws.light.endpoint import Endpoint, region_of
from imagemill.aws.light.errors import InvalidResponse
from imagemill.aws.light.sigv4 import Signer, quote_path
from imagemill.aws.light.transport import Request, Transport, parse_json, read_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagemill.aws.light.answer import Response
    from imagemill.aws.light.connection import Timeouts
    from imagemill.aws.light.transport import Sleep


class Lambda:
    """A Lambda client; `timeouts` must allow for the time of the function."""

    def __init__(
        self, environ: Mapping[str, str], timeouts: Timeouts, sleep: Sleep = time.sleep
    ) -> None:
        """Make a client from a function's environment; raises ConfigurationError."""
        self._transport = Transport(Signer.from_environ(environ, "lambda"), sleep, timeouts)
        self._endpoint = Endpoint.find(environ, "lambda", "LAMBDA", region_of(environ))

    def invoke(self, name: str, payload: Mapping[str, str]) -> Mapping[str, object]:
        """Call a function, and return its result; InvalidResponse if the function failed."""
        target = f"/2015-03-31/functions/{quote_path(name).lstrip('/')}/invocations"
        body = json.dumps(payload).encode()
        headers = {"content-type": "application/json"}
        request = Request("Invoke", "POST", self._endpoint, target, headers, body)

        def read(response: Response) -> Mapping[str, object]:
            found = parse_json(read_whole(response))
            if "x-amz-function-error" in response.headers:
                raise InvalidResponse("the function failed")
            return cast("Mapping[str, object]", found)

        return self._transport.call(request, read)
