"""Scroll the gallery's wall of 10,000 images in Chromium: frames, CPU time and memory.

    python -m benchmarks.wall --images 10000 --width 1440

Prints a line of JSON. A server in this process answers as the API and the distribution do; the
images are drawn, and each has its own URL. The wall is scrolled to its end twice: while it loads,
and again from the top when everything is loaded. Frame times depend on the load of the machine;
the CPU time of the renderer's main thread hardly does.
"""

import argparse
import json
import os
import shutil
import statistics
from collections.abc import Callable, Iterator
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
from playwright.sync_api import CDPSession, Page, sync_playwright

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
# Height of the window, CSS px: a screen.
HEIGHT = 900
# Speed of the scrolling, CSS px a second: about nine screens.
SPEED = 8_000
# Frames longer than this are missed at 60 a second, ms: one and a half of 16.7.
MISSED_MS = 25
_PROBE = """
window.frames_ms = [];
window.long_ms = [];
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.long_ms.push(entry.duration);
}).observe({type: "longtask"});
let before = 0;
requestAnimationFrame(function next(now) {
    if (before) window.frames_ms.push(now - before);
    before = now;
    requestAnimationFrame(next);
});
"""


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
    # Drawn before the page asks for them.
    count = len(library.drawn)
    server = Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/?{count}"
    server.shutdown()


class Meter:
    """Measures a page between two moments."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._devtools: CDPSession = page.context.new_cdp_session(page)
        self._devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def metrics(self) -> dict[str, float]:
        """Return the metrics of the renderer, after a garbage collection."""
        self._devtools.send("HeapProfiler.collectGarbage")
        found = self._devtools.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in found}

    def scroll(self, distance: float) -> None:
        """Scroll down with the wheel, at SPEED."""
        self._devtools.send(
            "Input.synthesizeScrollGesture",
            {
                "x": 300,
                "y": HEIGHT // 2,
                "yDistance": -distance,
                "speed": SPEED,
                "gestureSourceType": "mouse",
                "preventFling": True,
            },
        )

    def measured(self, act: Callable[[], object], screens: float) -> dict[str, float]:
        """Return the figures of an act that scrolls over so many screens."""
        self._page.evaluate("window.frames_ms.splice(0); window.long_ms.splice(0)")
        first = self.metrics()
        act()
        last = self.metrics()
        frames: list[float] = self._page.evaluate("window.frames_ms.splice(0)")
        long_ms: list[float] = self._page.evaluate("window.long_ms.splice(0)")
        spent_ms = {name: (last[name] - first[name]) * 1000 for name in last if "Duration" in name}
        layout_ms = spent_ms["LayoutDuration"] + spent_ms["RecalcStyleDuration"]
        return {
            "frames": len(frames),
            "frame_ms_median": round(statistics.median(frames), 1),
            "frame_ms_p95": round(statistics.quantiles(frames, n=20)[-1], 1),
            "missed": round(sum(one > MISSED_MS for one in frames) / len(frames), 3),
            "long_tasks": len(long_ms),
            "longest_task_ms": round(max(long_ms, default=0)),
            "main_thread_ms_a_screen": round(spent_ms["TaskDuration"] / screens, 1),
            "script_ms_a_screen": round(spent_ms["ScriptDuration"] / screens, 1),
            "layout_ms_a_screen": round(layout_ms / screens, 1),
            "nodes": last["Nodes"],
            "heap_mb": round(last["JSHeapUsedSize"] / 1e6, 1),
        }


def load_all(page: Page, meter: Meter, count: int) -> None:
    """Scroll down until so many images are loaded."""
    while int(page.locator(".tile").last.get_attribute("aria-setsize") or 0) < count:
        meter.scroll(SPEED)


def figures_of(page: Page, count: int) -> dict[str, object]:
    """Measure the wall while it loads, and when it is loaded."""
    meter = Meter(page)
    start = meter.metrics()
    # The height is known when all images are loaded; until then it is estimated by the first ones.
    height = page.evaluate("document.documentElement.scrollHeight")
    estimated = height * count / int(page.locator(".tile").last.get_attribute("aria-setsize") or 1)
    loading = meter.measured(lambda: load_all(page, meter, count), estimated / HEIGHT)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(2000)
    distance = page.evaluate("document.documentElement.scrollHeight - innerHeight")
    loaded = meter.measured(lambda: meter.scroll(distance), distance / HEIGHT)
    return {
        "nodes_at_start": start["Nodes"],
        "heap_mb_at_start": round(start["JSHeapUsedSize"] / 1e6, 1),
        "while_loading": loading,
        "when_loaded": loaded,
        "tiles": page.locator(".tile").count(),
    }


def main() -> None:
    """Measure, and print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--images", type=int, default=10_000)
    options.add_argument("--width", type=int, default=1440)
    asked = options.parse_args()
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)))
    arguments = ["--no-sandbox", "--disable-gpu"]
    with served(Library(asked.images)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_page(viewport={"width": asked.width, "height": HEIGHT})
        page.add_init_script(_PROBE)
        page.goto(f"{address}#key=k")
        page.locator(".tile img").first.wait_for()
        page.wait_for_timeout(3000)
        figures = figures_of(page, asked.images)
        browser.close()
    load = round(os.getloadavg()[0], 1)
    figures = {"images": asked.images, "width": asked.width, "load": load, **figures}
    print(json.dumps(figures))  # noqa: T201  # the result


if __name__ == "__main__":
    main()
