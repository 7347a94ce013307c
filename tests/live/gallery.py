"""The gallery in a browser, used as somebody at a desk or with a phone does."""

import base64
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Locator, Page, expect

from imagemill.local.address import Address

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
TIMEOUT_MS = 60_000
"""How long to wait for what comes in a moment, whatever else the machine has to do."""
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
    """A page of the gallery and what it complained of."""

    page: Page
    address: Address
    folder: Path
    console: list[str] = field(default_factory=list)

    @property
    def violations(self) -> list[str]:
        """What a policy of the page forbade, by whomever it was tried."""
        return [text for text in self.console if text.startswith("violated: ")]

    def tile(self, name: str) -> Locator:
        """Return the places on the wall where a file of this name is."""
        return self.page.locator(".tile", has=self.page.locator(".name", has_text=name))

    def await_state(self, name: str, state: str) -> None:
        """Wait until an image is in this state."""
        expect(self.tile(name)).to_have_attribute("data-state", state, timeout=TIMEOUT_MS)

    def await_sharp(self, name: str) -> None:
        """Wait until an image itself is seen."""
        expect(self.tile(name).locator("img")).to_have_css("opacity", "1", timeout=TIMEOUT_MS)

    def file(self, name: str, data: bytes) -> Path:
        """Write a file to upload."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def await_start(self) -> None:
        """Wait until the page does what it is told: it knows its API, and has a first answer."""
        self.page.locator("#figures:visible, #empty:visible").first.wait_for()

    def delay_timers(self) -> None:
        """Have all that goes away by itself after a while stay, as long as the page is not left."""
        self.page.evaluate(_DELAY_TIMERS)

    def choose(self, *paths: Path) -> None:
        """Choose files by the button."""
        self.await_start()
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Upload", exact=True).click()
        chooser.value.set_files(list(paths))

    def choose_folder(self, path: Path) -> None:
        """Choose a folder by its button."""
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
        """Open an image large and return the dialog."""
        self.tile(name).locator("a").click()
        expect(self.page.get_by_role("dialog", name=name)).to_be_visible()
        return self.page.locator("#lightbox")

    def slow_down(self, bytes_per_s: int) -> None:
        """Give the page a slow network upwards; as fast as ever with -1."""
        limits = {
            "offline": False,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_per_s,
        }
        self.devtools().send("Network.enable")
        self.devtools().send("Network.emulateNetworkConditions", limits)

    def devtools(self) -> CDPSession:
        """Return a session of Chromium's own protocol, for what a user does outside the page."""
        if not hasattr(self, "_devtools"):
            self._devtools = self.page.context.new_cdp_session(self.page)
        return self._devtools

    @property
    def shifts(self) -> float:
        """How much has moved under the eyes of the user so far (cumulative layout shift)."""
        return float(self.page.evaluate("window.shifts"))


Visit = Callable[..., Gallery]
"""Opens the gallery at a path, or with the key in its link, in a browser with given habits."""


def open_gallery(
    browser: Browser,
    address: Address,
    folder: Path,
    path: str | None = None,
    **options: Any,  # noqa: ANN401  # Playwright's own
) -> Gallery:
    """Open the gallery in a context of its own: with the key in its link, or at a given path."""
    context = browser.new_context(**options)
    context.set_default_timeout(TIMEOUT_MS)
    context.add_init_script(_WATCH)
    gallery = Gallery(context.new_page(), address, folder)
    gallery.page.on("console", lambda message: gallery.console.append(message.text))
    gallery.page.on("pageerror", lambda fault: gallery.console.append(f"thrown: {fault}"))
    start = f"#key={address.api_key}" if path is None else path
    gallery.page.goto(address.gallery_url + start)
    return gallery
