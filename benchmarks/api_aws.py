"""DynamoDB and S3 for one API function, answering from memory: prints its port, ends with stdin.

It runs in a process of its own, so that its CPU time is not that of the function. The table has
RECORDS ready images with one rendition each, in the eight shards of the index `feed`.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from imagemill.aws.record_items import to_item
from imagemill.domain.keys import filename_of, image_id
from imagemill.domain.record import ImageRecord, Original, StoredRendition

RECORDS = 2_000


def record(number: int) -> ImageRecord:
    """Return the record of a ready photo, uploaded at second `number` of a day."""
    key = f"uploads/{number:022}/IMG_{number:04}.JPG"
    moment = f"2026-11-22T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000Z"
    return ImageRecord(
        id=image_id(key),
        key=key,
        filename=filename_of(key),
        status="ready",
        sequencer=f"{number:018X}",
        uploaded_at=moment,
        version_id="3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY",
        etag="d41d8cd98f00b204e9800998ecf8427e",
        original=Original(3_500_000, 4_000, 3_000, "jpeg", 1, "2026-11-22T10:00:00", "Make Model"),
        renditions={"500": StoredRendition(f"500/{key}", 41_000, 500, 375, "jpeg")},
        recipe="0123456789abcdef",
        placeholder="3OcRJYB4d3h/iIeHeEh3eIhw+j2w",
        colour="#8a7f6e",
        attempts=1,
        processed_at=moment,
        processing_ms=120,
    )


ITEMS: list[dict[str, Any]] = [to_item(record(number)) for number in reversed(range(RECORDS))]


def answer(target: str, params: dict[str, Any]) -> dict[str, Any]:
    """Return the result of GetItem, PutItem or Query."""
    if target == "GetItem":
        return {"Item": ITEMS[0]}
    if target == "PutItem":
        return {}
    values = params["ExpressionAttributeValues"]
    found = [item for item in ITEMS if item["feed"] == values.get(":feed", item["feed"])]
    page = found[: params["Limit"]]
    return {"Items": page, "Count": len(page), "LastEvaluatedKey": _key(page[-1])}


def _key(item: dict[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in ("id", "feed", "feed_at")}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        target = self.headers["x-amz-target"].partition(".")[2]
        found = json.dumps(answer(target, json.loads(body))).encode()
        self._send(found, {"Content-Type": "application/x-amz-json-1.0"})

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._send(b"", {"ETag": '"d41d8cd98f00b204e9800998ecf8427e"'})

    def log_message(self, *_: object) -> None:
        """Write nothing."""

    def _send(self, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until stdin ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)  # noqa: T201 - read by the benchmark
    sys.stdin.read()


if __name__ == "__main__":
    main()
