"""Scroll the gallery's wall of 10,000 images in Chromium: frames, CPU time and memory.

    python -m benchmarks.wall --images 10000 --width 1440

Prints a line of JSON. A server in this process answers as the API and the distribution do; the
images are drawn, and each has its own URL.

`frames_a_second` are those that Chromium draws while the wall scrolls, and a page of plain images
in turn with it: medians of some rounds. A screen that is drawn 60 times a second allows 60. Then
the wall is scrolled to its end twice: while it loads, and again from the top when everything is
loaded. The CPU time of the renderer's main thread hardly depends on the load of the machine.
"""

import argparse
import json
import os
import shutil
import statistics
from collections.abc import Callable

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.wall_server import PLAIN, Library, served

# Height of the window, CSS px: a screen.
HEIGHT = 900
# Speed of the scrolling to the end, CSS px a second: about nine screens.
SPEED = 8_000
# Speeds at which frames are counted, CSS px a second; seconds of each; rounds.
FRAME_SPEEDS = (2_000, SPEED)
FRAMES_S = 5
ROUNDS = 3
_FRAMES = "disabled-by-default-devtools.timeline.frame"
_PROBE = """
window.long_ms = [];
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.long_ms.push(entry.duration);
}).observe({type: "longtask"});
"""


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

    def scroll(self, distance: float, speed: float = SPEED) -> None:
        """Scroll down with the wheel, at `speed` CSS px a second."""
        self._devtools.send(
            "Input.synthesizeScrollGesture",
            {
                "x": 300,
                "y": HEIGHT // 2,
                "yDistance": -distance,
                "speed": speed,
                "gestureSourceType": "mouse",
                "preventFling": True,
            },
        )

    def measured(self, act: Callable[[], object], screens: float) -> dict[str, float]:
        """Return the figures of an act that scrolls over so many screens."""
        self._page.evaluate("window.long_ms.splice(0)")
        first = self.metrics()
        act()
        last = self.metrics()
        long_ms: list[float] = self._page.evaluate("window.long_ms.splice(0)")
        spent_ms = {name: (last[name] - first[name]) * 1000 for name in last if "Duration" in name}
        layout_ms = spent_ms["LayoutDuration"] + spent_ms["RecalcStyleDuration"]
        return {
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


def frames_a_second(browser: Browser, page: Page, speed: float) -> float:
    """Return how often Chromium draws a page while it scrolls down from the top."""
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(1000)
    meter = Meter(page)
    browser.start_tracing(page=page, categories=["-*", "devtools.timeline", _FRAMES])
    meter.scroll(speed * FRAMES_S, speed)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    at_us: list[float] = sorted(event["ts"] for event in events if event["name"] == "DrawFrame")
    return (len(at_us) - 1) / (at_us[-1] - at_us[0]) * 1e6


def compared(browser: Browser, pages: dict[str, Page]) -> dict[str, dict[str, float]]:
    """Return the frames of each page for each speed."""
    found: dict[str, dict[str, float]] = {}
    for speed in FRAME_SPEEDS:
        rounds = [
            {name: frames_a_second(browser, page, speed) for name, page in pages.items()}
            for _ in range(ROUNDS)
        ]
        found[f"{speed} px/s"] = {
            name: round(statistics.median(one[name] for one in rounds), 1) for name in pages
        }
    return found


def opened(browser: Browser, width: int, address: str) -> Page:
    """Return a page with the first images loaded."""
    page = browser.new_page(viewport={"width": width, "height": HEIGHT})
    page.add_init_script(_PROBE)
    page.goto(address)
    page.locator("img").first.wait_for()
    page.wait_for_timeout(3000)
    return page


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
        wall = opened(browser, asked.width, f"{address}#key=k")
        figures = figures_of(wall, asked.images)
        plain = opened(browser, asked.width, address + PLAIN)
        figures["frames_a_second"] = compared(browser, {"wall": wall, "plain": plain})
        browser.close()
    load = round(os.getloadavg()[0], 1)
    figures = {"images": asked.images, "width": asked.width, "load": load, **figures}
    print(json.dumps(figures))  # noqa: T201  # the result


if __name__ == "__main__":
    main()
