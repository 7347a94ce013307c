"""Unit tests of the page's modules, in a real browser."""

import base64
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fakes.images import encoded, gradient
from fakes.raw_files import MAKERS
from live.gallery import Visit, open_gallery
from PIL import Image
from playwright.sync_api import Browser, Page

from imagemill.imaging.placeholder import sample, thumbhash
from imagemill.local.address import Address

ROOM = {"width": 1200, "height": 230, "gap": 10}
DECODE = """async (text) => {
    const {decode} = await import("/thumbhash.js");
    const image = decode(text);
    return image && {width: image.width, height: image.height, data: [...image.data]};
}"""
ARRANGE = """async ([ratios, room, former]) =>
    (await import("/rows.js")).arrange(ratios, room, former)"""
WHOLE = """async (image) =>
    (await import("/record.js")).whole(image).map((one) => one.key)"""
STATE = """async (image) => (await import("/record.js")).stateOf({record: image, job: null})"""
INSPECT = """async (bytes) => {
    const {inspect} = await import("/inspect.js");
    return inspect(new File([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))], "x.jpg"));
}"""

CHANGE = """async ([before, after]) => (await import("/format.js")).change(before, after)"""
WATCH = """async (statuses) => {
    const { Watch } = await import("/watch.js");
    const start = Date.now();
    const album = {waiting: true, open: ["a"], drop() {}, learn([one]) {
        album.waiting = one.status === "pending";
    }};
    window.asked = [];
    const read = async () => {
        asked.push(Date.now() - start);
        return {id: "a", status: statuses.shift() ?? "pending"};
    };
    new Watch({read}, album, (fault) => { throw fault; }, () => {}).hurry();
}"""


@pytest.fixture(scope="module")
def page(
    browser: Browser, address: Address, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """Return a page of the gallery's origin, for functions that keep no state."""
    gallery = open_gallery(browser, address, tmp_path_factory.mktemp("modules"), "icon.svg")
    yield gallery.page
    gallery.page.context.close()
    assert gallery.violations == []


def test_a_rendition_whose_url_leads_to_another_image_is_not_shown(page: Page) -> None:
    made = {"width": 500, "height": 333, "bytes": 1, "format": "jpeg"}
    keys = ["500/x/../y.jpg", "500/./y.jpg", "500/x/..", "500/x/...jpg", "~500/abc"]
    image = {"renditions": {key: made | {"key": key} for key in keys}, "original": None}

    assert page.evaluate(WHOLE, image) == ["500/x/...jpg", "~500/abc"]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (3_300_000, 47_800, "3.3 MB → 47.8 kB (−98.6 %)"),
        (4500, 4500, "4.5 kB → 4.5 kB"),
        (10_000, 9_999, "10 kB → 10 kB"),
        (1000, 2441, "1 kB → 2.4 kB"),
    ],
)
def test_only_a_saving_has_a_percentage(page: Page, before: int, after: int, words: str) -> None:
    said = str(page.evaluate(CHANGE, [before, after]))

    assert said.replace("\u00a0", " ") == words


def decoded(page: Page, image: Image.Image) -> Image.Image:
    """Return the pixels that the page decodes from an image's ThumbHash."""
    found: dict[str, Any] = page.evaluate(DECODE, thumbhash(sample(image)))
    return Image.frombytes("RGBA", (found["width"], found["height"]), bytes(found["data"]))


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """Return the mean colours of the four quarters."""
    small = image.convert("RGBA").resize((2, 2), Image.Resampling.BOX)
    raw = small.tobytes()
    return [tuple(raw[at : at + 4]) for at in range(0, 16, 4)]


def worst_difference(one: Image.Image, other: Image.Image) -> int:
    """Return the largest difference between the quarters of two images, in levels of 255."""
    pairs = zip(corners(one), corners(other), strict=True)
    return max(abs(a - b) for mine, theirs in pairs for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("size", [(320, 200), (200, 320), (256, 256)])
def test_a_thumbhash_shows_the_image_it_was_made_of(page: Page, size: tuple[int, int]) -> None:
    image = gradient(*size)

    seen = decoded(page, image)

    # The format makes strong colours stronger.
    assert worst_difference(seen, image) <= 32
    assert seen.width / seen.height == pytest.approx(size[0] / size[1], rel=0.2)


def test_a_thumbhash_keeps_transparency(page: Page) -> None:
    image = gradient(200, 200).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((200, 200)))

    seen = decoded(page, image)

    assert [abs(a[3] - b[3]) <= 26 for a, b in zip(corners(seen), corners(image), strict=True)]
    assert corners(seen)[0][3] < 100 < corners(seen)[2][3]


@pytest.mark.parametrize("text", ["", "no base64!", "AA=="])
def test_any_other_text_is_not_a_thumbhash(page: Page, text: str) -> None:
    assert page.evaluate(DECODE, text) is None


def test_rows_are_full_and_images_keep_their_shape(page: Page) -> None:
    ratios = [1.5, 0.7, 1, 2.2, 1.33, 0.5, 1.78, 1.5, 0.66, 1]

    boxes = page.evaluate(ARRANGE, [ratios, ROOM])["boxes"]

    assert [box["width"] / box["height"] for box in boxes] == pytest.approx(ratios)
    ends = [a["x"] + a["width"] for a, b in itertools.pairwise(boxes) if b["x"] == 0]
    assert ends == pytest.approx([1200] * len(ends))
    assert all(150 < box["height"] < 350 for box in boxes)


@pytest.mark.parametrize("kept", [0, 1, 9, 10, 25])
def test_more_images_are_laid_out_as_all_at_once(page: Page, kept: int) -> None:
    ratios = [1.5, 0.7, 1, 2.2, 1.33, 0.5, 1.78, 1.5, 0.66, 1] * 3
    first = page.evaluate(ARRANGE, [ratios[:kept], ROOM])["boxes"]

    more = page.evaluate(ARRANGE, [ratios, ROOM, first])

    assert more == page.evaluate(ARRANGE, [ratios, ROOM])


@pytest.mark.parametrize("ratios", [[], [0.4], [3.2], [3.2] * 2, [1.0] * 3])
def test_few_images_are_not_enlarged(page: Page, ratios: list[float]) -> None:
    arranged = page.evaluate(ARRANGE, [ratios, ROOM])

    assert all(box["height"] <= 265 for box in arranged["boxes"])
    assert arranged["height"] <= 2 * 265 + 10


@pytest.mark.parametrize(
    ("kind", "image_format"),
    [
        ("image/jpeg", "JPEG"),
        ("image/png", "PNG"),
        ("image/gif", "GIF"),
        ("image/webp", "WEBP"),
        ("image/tiff", "TIFF"),
        ("image/bmp", "BMP"),
        ("image/vnd.microsoft.icon", "ICO"),
        ("image/jp2", "JPEG2000"),
        ("image/avif", "AVIF"),
    ],
)
def test_a_file_is_known_by_its_first_bytes(page: Page, kind: str, image_format: str) -> None:
    data = base64.b64encode(encoded(40, 30, image_format)).decode()

    assert page.evaluate(INSPECT, data) == {"kind": kind}


@pytest.mark.parametrize(
    ("kind", "maker"),
    [
        ("image/x-canon-cr3", "cr3"),
        ("image/x-fuji-raf", "raf"),
        ("image/x-olympus-orf", "orf"),
        ("image/x-panasonic-rw2", "rw2"),
        ("image/tiff", "dng"),
    ],
)
def test_so_is_a_camera_raw_file(page: Page, kind: str, maker: str) -> None:
    photo = encoded(40, 30, "JPEG")
    data = base64.b64encode(MAKERS[maker](photo, photo, {})).decode()

    assert page.evaluate(INSPECT, data) == {"kind": kind}


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ({"thumb": (100, 100), "500": (500, 333), "50": (50, 33)}, ["50", "500"]),
        ({"thumb": (100, 100), "wide": (300, 100)}, ["wide"]),
        ({}, []),
    ],
)
def test_cropped_renditions_are_shown_only_if_all_are_cropped(
    page: Page, sizes: dict[str, tuple[int, int]], shown: list[str]
) -> None:
    renditions = {
        name: {"key": name, "width": width, "height": height}
        for name, (width, height) in sizes.items()
    }
    image = {"original": {"width": 1200, "height": 800}, "renditions": renditions}

    assert page.evaluate(WHOLE, image) == shown


@pytest.mark.parametrize(
    ("minutes", "version_id", "state"), [(5, "", "pending"), (60, "", "lost"), (60, "v", "pending")]
)
def test_a_file_that_can_no_longer_arrive_is_lost(
    page: Page, minutes: int, version_id: str, state: str
) -> None:
    since = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
    image = {"status": "pending", "version_id": version_id, "uploaded_at": since}

    assert page.evaluate(STATE, image) == state


@pytest.fixture
def stopped(visit: Visit) -> Page:
    """Return a page of its own with a fake clock."""
    page = visit("icon.svg").page
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))
    return page


def test_a_new_upload_is_polled_until_it_is_final(stopped: Page) -> None:
    stopped.evaluate(WATCH, ["pending", "pending", "ready"])

    stopped.clock.run_for(60_000)

    asked = stopped.evaluate("asked")
    assert len(asked) == 3
    assert asked[-1] <= 1000


def test_slow_images_are_polled_less_and_less_often(stopped: Page) -> None:
    stopped.evaluate(WATCH, [])

    stopped.clock.run_for(600_000)

    asked = stopped.evaluate("asked")
    waits = [later - sooner for sooner, later in itertools.pairwise(asked)]
    assert waits == sorted(waits)
    assert waits[-1] >= 60 * waits[0]
    assert 30 <= len(asked) <= 90


VISIBLE = """async ([source, view, stage, factor]) =>
    (await import("/tiles.js")).visible(source, view, stage, factor)"""
FACTOR = """async ([source, scale]) => (await import("/tiles.js")).factorFor(source, scale)"""
WITHIN = (
    """async ([source, view, stage]) => (await import("/tiles.js")).within(source, view, stage)"""
)
WIDTH, HEIGHT = 1300, 700
SOURCE = {"address": "/iiif/3/x", "width": WIDTH, "height": HEIGHT}


@pytest.mark.parametrize("factor", [1, 2, 4])
def test_tiles_cover_the_whole_image_once(page: Page, factor: int) -> None:
    view = {"x": 650, "y": 350, "scale": 0.1}

    tiles = page.evaluate(VISIBLE, [SOURCE, view, {"width": 1000, "height": 1000}, factor])

    covered = sum(tile["width"] * tile["height"] for tile in tiles)
    assert covered == WIDTH * HEIGHT
    assert len({tile["address"] for tile in tiles}) == len(tiles)


def test_a_tile_has_the_canonical_address_of_iiif(page: Page) -> None:
    view, stage = {"x": 1290, "y": 690, "scale": 1}, {"width": 20, "height": 20}

    [corner] = page.evaluate(VISIBLE, [SOURCE, view, stage, 2])
    [whole] = page.evaluate(VISIBLE, [SOURCE, view, stage, 4])

    assert corner["address"] == "/iiif/3/x/1024,0,276,700/138,350/0/default.jpg"
    assert whole["address"] == "/iiif/3/x/full/325,175/0/default.jpg"


@pytest.mark.parametrize(("scale", "factor"), [(2, 1), (1, 1), (0.7, 1), (0.5, 2), (0.01, 4)])
def test_the_tiles_have_at_least_as_many_pixels_as_the_screen(
    page: Page, scale: float, factor: int
) -> None:
    assert page.evaluate(FACTOR, [SOURCE, scale]) == factor


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ({"x": -50, "y": 9000, "scale": 1}, {"x": 50, "y": 650, "scale": 1}),
        ({"x": 3, "y": 3, "scale": 0.001}, {"x": 650, "y": 350, "scale": 100 / 1300}),
        ({"x": 3, "y": 3, "scale": 99}, {"x": 12.5, "y": 12.5, "scale": 4}),
    ],
)
def test_a_view_stays_within_the_image(
    page: Page, view: dict[str, float], expected: dict[str, float]
) -> None:
    stage = {"width": 100, "height": 100}

    assert page.evaluate(WITHIN, [SOURCE, view, stage]) == pytest.approx(expected)


PAGES = """async ([before, after, isAll]) => {
    const { Pages } = await import("/pages.js");
    const page = ({from, to, cursor}, images) =>
        ({cursor, images: images.slice(from, to).map((id) => ({id, key: id}))});
    let now = before;
    const pages = new Pages(async (cursor, limit) => {
        const from = cursor ? now.findIndex((id) => id > cursor) : 0;
        const to = from < 0 ? 0 : from + limit;
        return page({from, to, cursor: to < now.length && to ? now[to - 1] : null}, now);
    });
    for (let cursor = null, at = 0; at < (isAll ? 9 : 1); at += 1) {
        const found = await pages.read(cursor, 40);
        pages.add(found, cursor);
        if (!found.cursor) break;
        cursor = found.cursor;
    }
    now = after;
    // A page that has grown is read in parts from the second look on.
    const [one, other] = [await pages.look(pages.ids, isAll), await pages.look(pages.ids, isAll)];
    return {ids: pages.ids, missing: [...one.missing, ...other.missing], cursor: other.cursor};
}"""


def ids(*numbers: int) -> list[str]:
    """Return ids in the order of their numbers."""
    return [f"{number:04}" for number in numbers]


HUNDRED = list(range(0, 200, 2))


@pytest.mark.parametrize(
    ("after", "missing"),
    [
        ([0, 1, *HUNDRED[1:]], []),
        ([one for one in HUNDRED if one not in {0, 78, 80, 198}], [0, 78, 80, 198]),
        ([*HUNDRED, 301, 303], []),
        ([*range(160), *range(160, 200, 2)], []),
        ([], HUNDRED),
    ],
)
def test_the_pages_of_a_search_follow_changes(
    page: Page, after: list[int], missing: list[int]
) -> None:
    looked = page.evaluate(PAGES, [ids(*HUNDRED), ids(*after), True])

    assert looked["ids"] == ids(*after)
    assert looked["missing"] == ids(*missing)
    assert looked["cursor"] is None


def test_a_search_that_was_empty_goes_on_behind_what_was_added(page: Page) -> None:
    looked = page.evaluate(PAGES, [[], ids(*HUNDRED), True])

    assert looked["ids"] == ids(*HUNDRED[:60])
    assert looked["cursor"] == ids(HUNDRED[59])[0]


def test_many_new_images_leave_no_gap(page: Page) -> None:
    after = list(range(300))

    looked = page.evaluate(PAGES, [ids(*range(200, 300)), ids(*after), False])

    assert looked["ids"] == ids(*range(240))
