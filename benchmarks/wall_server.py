"""A library of drawn images, and a server for the gallery that has it."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from PIL import Image

from imagemill.domain.keys import image_id
from imagemill.imaging import DEFAULT_LIMITS, render
from imagemill.recipe import Recipe

WEB = Path(__file__).parents[1] / "web"
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".html": "text/html",
}
# Width divided by height of the drawn images, as those of cameras and phones.
RATIOS = (3 / 2, 2 / 3, 4 / 3, 16 / 9, 1.0, 3 / 4, 5 / 4)
DRAWN = 56
# Address of the page of plain images, which is what browsers do without a script.
PLAIN = "plain"
_PLAIN_STYLE = "body{margin:0;display:flex;flex-wrap:wrap;gap:10px}img{height:230px}"


class Library:
    """Records and renditions of images that are drawn."""

    def __init__(self, count: int) -> None:
        self.count = count

    @cached_property
    def drawn(self) -> list[tuple[dict[str, object], bytes]]:
        """The facts and the rendition of each drawn image."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(_drawn, range(DRAWN)))

    def page(self, start: int, limit: int) -> dict[str, object]:
        """Return a page of the listing, newest first."""
        end = min(start + limit, self.count)
        images = [self._record(at) for at in range(start, end)]
        return {"images": images, "cursor": str(end) if end < self.count else None}

    def plain(self) -> str:
        """Return a page with all images in rows, which the browser loads when they come near."""
        images = "".join(
            f'<img loading=lazy decoding=async src="/500/{at:05}.jpg" '
            f'style="aspect-ratio:{facts["width"]}/{facts["height"]}">'
            for at in range(self.count)
            for facts, _ in [self.drawn[at % DRAWN]]
        )
        return f"<!doctype html><style>{_PLAIN_STYLE}</style>{images}"

    def _record(self, at: int) -> dict[str, object]:
        facts, data = self.drawn[at % DRAWN]
        key = f"{at:05}.jpg"
        made = {"key": f"500/{key}", "bytes": len(data), "format": "jpeg", "hdr": None}
        moment = self.count - at
        return {
            "id": image_id(key),
            "key": key,
            "filename": key,
            "status": "ready",
            "sequencer": f"{moment:08}",
            "uploaded_at": f"2026-05-04T12:00:00.{moment:05}Z",
            "version_id": "v",
            "etag": "e",
            "recipe": "r",
            "focus": None,
            "focus_applied": True,
            "warnings": [],
            "error": None,
            "processed_at": "2026-05-04T12:00:00.000Z",
            "processing_ms": 40,
            "links": {"original": None, "renditions": {}},
            "original": {"bytes": 3_000_000, "format": "jpeg", "frames": 1, **_size(facts)},
            "renditions": {"500": {**made, **_size(facts)}},
            "placeholder": facts["placeholder"],
            "colour": facts["colour"],
        }


def _size(facts: dict[str, object]) -> dict[str, object]:
    return {"width": facts["width"], "height": facts["height"]}


def _drawn(number: int) -> tuple[dict[str, object], bytes]:
    """Return the facts and the rendition of an image of noise and colours, as bytes of JPEG."""
    ratio = RATIOS[number % len(RATIOS)]
    size = (1000, round(1000 / ratio)) if ratio >= 1 else (round(1000 * ratio), 1000)
    coarse = Image.frombytes(
        "RGB", (8, 8), bytes((number * 37 + at * 71) % 256 for at in range(192))
    )
    noise = Image.effect_noise(size, 40).convert("RGB")
    whole = Image.blend(coarse.resize(size, Image.Resampling.BICUBIC), noise, 0.2)
    buffer = BytesIO()
    whole.save(buffer, "JPEG", quality=85)
    made = render(buffer.getvalue(), Recipe.parse("500"), DEFAULT_LIMITS)
    rendition = made.renditions[0]
    facts = {"width": rendition.width, "height": rendition.height, "colour": made.colour}
    return facts | {"placeholder": made.placeholder}, rendition.data


class Handler(BaseHTTPRequestHandler):
    """Answers as the distribution and the API do; `library` is set by `served`."""

    protocol_version = "HTTP/1.1"
    library: Library

    def do_GET(self) -> None:
        """Send a page of the listing, a rendition, the configuration or a file of the page."""
        url = urlsplit(self.path)
        if url.path == "/api/images":
            self._send_page(parse_qs(url.query))
        elif url.path.startswith("/500/"):
            number = int(Path(url.path).stem)
            self._send(self.library.drawn[number % DRAWN][1], "image/jpeg")
        elif url.path == f"/{PLAIN}":
            self._send(self.library.plain().encode(), "text/html")
        elif url.path == "/config.json":
            config = {"api": f"http://{self.headers['host']}/api"}
            self._send(json.dumps(config).encode(), "application/json")
        else:
            self._send_file(WEB / (url.path.lstrip("/") or "index.html"))

    def _send_page(self, query: dict[str, list[str]]) -> None:
        start, limit = int(query.get("cursor", ["0"])[0]), int(query["limit"][0])
        tag = f'W/"{start}"'
        # The page asks for changes, of which there are none.
        if self.headers.get("if-none-match") == tag:
            self._send(b"", "application/json", HTTPStatus.NOT_MODIFIED)
            return
        body = json.dumps(self.library.page(start, limit)).encode()
        self._send(body, "application/json", tag=tag)

    def _send_file(self, file: Path) -> None:
        if file.parent == WEB and file.is_file():
            self._send(file.read_bytes(), TYPES[file.suffix])
        else:
            self._send(b"{}", "application/json", HTTPStatus.NOT_FOUND)

    def _send(
        self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK, tag: str = ""
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        if tag:
            self.send_header("etag", tag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class Server(ThreadingHTTPServer):
    """Says nothing of connections that the page closes: images that have left the screen."""

    def handle_error(self, *_: object) -> None:
        """Ignore the error."""


@contextmanager
def served(library: Library) -> Iterator[str]:
    """Serve the page, the API and the renditions, and return their address."""
    Handler.library = library
    # Drawn before a page asks for them.
    _ = library.drawn
    server = Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
