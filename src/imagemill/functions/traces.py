"""Traces: stages told to X-Ray as subsegments of the invocation that they belong to.

In X-Ray's own documents, sent to the daemon that Lambda runs beside a traced function. Sources:
"AWS X-Ray segment documents" and "Sending segment documents to the X-Ray daemon" in the AWS X-Ray
Developer Guide.
"""

import json
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress

Subsegment = Callable[[str], AbstractContextManager[None]]
_HEADER = b'{"format":"json","version":1}\n'


def subsegments(environ: Mapping[str, str]) -> Subsegment:
    """Return what makes a subsegment while it is entered, in whatever thread.

    Invocation and daemon are read from the environment each time, as Lambda changes it. Nothing is
    told of one that X-Ray does not sample.
    """

    @contextmanager
    def subsegment(name: str) -> Iterator[None]:
        trace = _trace(environ.get("_X_AMZN_TRACE_ID", ""))
        began_s, is_fault = time.time(), True
        try:
            yield
            is_fault = False
        finally:
            if trace.get("Sampled") == "1":
                daemon = environ.get("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000")
                _tell(daemon, _document(name, trace, began_s, is_fault=is_fault))

    return subsegment


def _trace(header: str) -> dict[str, str]:
    """Read `Root=1-5759e988-…;Parent=53995c3f42cd8ad8;Sampled=1`."""
    pairs = (part.partition("=") for part in header.split(";"))
    return {name: value for name, _, value in pairs}


def _document(
    name: str, trace: Mapping[str, str], began_s: float, *, is_fault: bool
) -> dict[str, object]:
    return {
        "type": "subsegment",
        "name": name,
        "id": secrets.token_hex(8),
        "trace_id": trace.get("Root"),
        "parent_id": trace.get("Parent"),
        "start_time": began_s,
        "end_time": time.time(),
        "fault": is_fault,
    }


def _tell(address: str, document: Mapping[str, object]) -> None:
    """Send a document; one that cannot be sent is lost, and no image with it."""
    host, _, port = address.rpartition(":")
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.sendto(_HEADER + json.dumps(document).encode(), (host, int(port)))
