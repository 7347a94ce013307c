"""The gallery in a browser, used as a person uses it on a computer or a phone."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Locator, Page, expect

from imagemill.local.address import Address

# Longest wait, ms; only a busy machine needs more than a second.
TIMEOUT_MS = 60_000
_WATCH = """
addEventListener("securitypolicyviolation", (event) => console.error(
    `violated: ${event.effectiveDirective} by ${event.blockedURI} ${event.sample}`));
window.shifts = 0;
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifts += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
_DELAY_TIMERS = """() => {
    const later = window.setTimeout;
    window.setTimeout = (act, ms, ...more) => later(act, ms < 1000 ? ms : 3_600_000, ...more);
}"""
_PASTE = """(files) => {
    const carried = new DataTransfer();
    for (const {name, bytes} of files)
        carried.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
    document.body.dispatchEvent(
        new ClipboardEvent("paste", {clipboardData: carried, bubbles: true}));
}"""


@dataclass
class Gallery:
    """A page of the gallery, and the messages in its console."""

    page: Page
    address: Address
    folder: Path
    console: list[str] = field(default_factory=list)

    @property
    def violations(self) -> list[str]:
        """Violations of the page's Content-Security-Policy."""
        return [text for text in self.console if text.startswith("violated: ")]

    def tile(self, name: str) -> Locator:
        """Return the tiles of files with this name."""
        return self.page.locator(".tile", has=self.page.locator(".name", has_text=name))

    def await_state(self, name: str, state: str) -> None:
        """Wait until an image is in this state."""
        expect(self.tile(name)).to_have_attribute("data-state", state, timeout=TIMEOUT_MS)

    def await_sharp(self, name: str) -> None:
        """Wait until the rendition has replaced the placeholder."""
        expect(self.tile(name).locator("img")).to_have_css("opacity", "1", timeout=TIMEOUT_MS)

    def file(self, name: str, data: bytes) -> Path:
        """Write a file to upload."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def await_start(self) -> None:
        """Wait until the page has loaded its configuration and the first listing."""
        self.page.locator("#figures:visible, #empty:visible").first.wait_for()

    def delay_timers(self) -> None:
        """Delay timers of a second or more by an hour, so that notices stay visible."""
        self.page.evaluate(_DELAY_TIMERS)

    def delay_timers_of_next_page(self) -> None:
        """Delay such timers in every page that is opened from now on."""
        self.page.add_init_script(f"({_DELAY_TIMERS})()")

    def choose(self, *paths: Path) -> None:
        """Choose files with the Upload button."""
        self.await_start()
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Upload", exact=True).click()
        chooser.value.set_files(list(paths))

    def choose_folder(self, path: Path) -> None:
        """Choose a folder with the Folder button."""
        self.await_start()
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Folder", exact=True).click()
        chooser.value.set_files(path)

    def drag(self, *steps: str, paths: list[Path]) -> None:
        """Drag files or folders over the page, as from a file manager."""
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for step in steps:
            event = {"type": step, "x": 300, "y": 300, "data": data}
            self.devtools().send("Input.dispatchDragEvent", event)

    def drop(self, *paths: Path) -> None:
        """Drop files or folders onto the page."""
        self.drag("dragEnter", "dragOver", "drop", paths=list(paths))

    def paste(self, name: str, data: bytes) -> None:
        """Paste a file."""
        bytes_ = base64.b64encode(data).decode()
        self.page.evaluate(_PASTE, [{"name": name, "bytes": bytes_}])

    def open(self, name: str) -> Locator:
        """Open an image in the lightbox and return it."""
        self.tile(name).locator("a").click()
        expect(self.page.get_by_role("dialog", name=name)).to_be_visible()
        return self.page.locator("#lightbox")

    def slow_down(self, bytes_per_s: int) -> None:
        """Limit the upload rate of the page; -1 removes the limit."""
        limits = {
            "offline": False,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_per_s,
        }
        self.devtools().send("Network.enable")
        self.devtools().send("Network.emulateNetworkConditions", limits)

    def devtools(self) -> CDPSession:
        """Return a session of the Chrome DevTools Protocol, for actions outside the page."""
        if not hasattr(self, "_devtools"):
            self._devtools = self.page.context.new_cdp_session(self.page)
        return self._devtools

    @property
    def shifts(self) -> float:
        """Cumulative layout shift so far."""
        return float(self.page.evaluate("window.shifts"))


# Opens the gallery at a path, or with the key in its link, with options of the browser.
Visit = Callable[..., Gallery]


def open_gallery(
    browser: Browser,
    address: Address,
    folder: Path,
    path: str | None = None,
    **options: Any,  # noqa: ANN401  # Playwright's own
) -> Gallery:
    """Open the gallery in a new browser context: with the key in its link, or at a path.

    There is no animation, which takes CPU time and shows intermediate colours, unless the options
    say otherwise.
    """
    context = browser.new_context(**{"reduced_motion": "reduce"} | options)
    context.set_default_timeout(TIMEOUT_MS)
    context.add_init_script(_WATCH)
    gallery = Gallery(context.new_page(), address, folder)
    gallery.page.on("console", lambda message: gallery.console.append(message.text))
    gallery.page.on("pageerror", lambda fault: gallery.console.append(f"thrown: {fault}"))
    start = f"#key={address.api_key}" if path is None else path
    gallery.page.goto(address.gallery_url + start)
    return gallery
