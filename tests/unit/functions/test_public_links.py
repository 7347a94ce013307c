"""Public addresses of an image and the HTML for a page, in the record that the API returns."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from fakes.api import ask, with_record
from fakes.cloud import ready_record

from imagemill.domain.keys import image_id
from imagemill.domain.record import ImageRecord, Original, StoredRendition
from imagemill.functions.api.messages import Site
from imagemill.functions.api.models import PublicLinks
from imagemill.functions.api.public_links import public_links

SITE = Site("https://d1.cloudfront.net")
ON_REQUEST = Site("https://d1.cloudfront.net", (40, 250, 500, 960, 1280, 1920))
VERSION = "01-0123456789abcdef"


class Elements(HTMLParser):
    """The elements of a snippet: names and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def links_of(record: ImageRecord, site: Site) -> PublicLinks:
    found = public_links(record, site)
    assert found
    return found


def with_renditions(*made: tuple[str, int, int, str], key: str = "a.jpg") -> ImageRecord:
    return replace(
        ready_record(key),
        renditions={
            preset: StoredRendition(f"{preset}/{key}", 9, width, height, to)
            for preset, width, height, to in made
        },
    )


def test_a_rendition_has_an_address_that_changes_with_its_version() -> None:
    found = links_of(ready_record("été/a+b?.jpg"), SITE)

    address = f"https://d1.cloudfront.net/500/%C3%A9t%C3%A9/a%2Bb%3F.jpg?x-version={VERSION}"
    assert found["renditions"] == {"500": address}
    assert found["srcset"] == f"{address} 500w"


def test_an_address_with_its_version_never_changes_where_the_site_keeps_versions() -> None:
    record = ready_record("été/a+b?.jpg")

    found = links_of(record, replace(SITE, keeps_versions=True))

    address = f"https://d1.cloudfront.net/~~/{VERSION}/500/%C3%A9t%C3%A9/a%2Bb%3F.jpg"
    assert found["renditions"] == {"500": address}


def test_without_requests_the_whole_renditions_are_offered_by_format() -> None:
    record = with_renditions(
        ("thumb", 160, 160, "webp"),
        ("m", 600, 400, "avif"),
        ("l", 1200, 800, "avif"),
        ("j", 600, 400, "jpeg"),
    )

    found = links_of(record, SITE)

    base = "https://d1.cloudfront.net"
    avif = f"{base}/m/a.jpg?x-version={VERSION} 600w, {base}/l/a.jpg?x-version={VERSION} 1200w"
    jpeg = f"{base}/j/a.jpg?x-version={VERSION}"
    assert found["srcset"] == f"{jpeg} 600w"
    assert Elements(found["html"] or "").found == [
        ("picture", {}),
        ("source", {"type": "image/avif", "srcset": avif, "sizes": "100vw"}),
        (
            "img",
            {
                "src": jpeg,
                "srcset": f"{jpeg} 600w",
                "sizes": "100vw",
                "width": "1200",
                "height": "800",
                "alt": "",
                "loading": "lazy",
            },
        ),
    ]


def test_cropped_renditions_are_not_in_a_srcset() -> None:
    found = links_of(with_renditions(("thumb", 160, 160, "webp")), SITE)

    assert (found["srcset"], found["html"], found["iiif"]) == (None, None, None)
    assert list(found["renditions"]) == ["thumb"]


def test_renditions_of_one_format_need_no_source() -> None:
    found = links_of(with_renditions(("m", 600, 400, "avif")), SITE)

    assert [name for name, _ in Elements(found["html"] or "").found] == ["picture", "img"]


def test_widths_on_request_end_at_the_original() -> None:
    found = links_of(ready_record(), ON_REQUEST)

    path = "https://d1.cloudfront.net/~/a.jpg"
    widths = [(250, 250), (500, 500), (960, 960), (1280, 1200)]
    expected = ", ".join(f"{path}?w={asked}&auto=format {real}w" for asked, real in widths)
    assert found["srcset"] == expected
    elements = Elements(found["html"] or "").found
    assert [element.get("type") for _, element in elements] == [
        None,
        "image/avif",
        "image/webp",
        None,
    ]
    assert elements[3][1]["src"] == f"{path}?w=1280&auto=format"
    assert found["iiif"] == f"https://d1.cloudfront.net/iiif/3/{image_id('a.jpg')}"


@pytest.mark.parametrize(("width", "expected"), [(30, "40"), (260, "500"), (9000, "1920")])
def test_a_small_original_has_one_width(width: int, expected: str) -> None:
    record = replace(ready_record(), original=Original(9, width, 30, "jpeg", 1))

    srcset = links_of(record, ON_REQUEST)["srcset"] or ""

    assert f"?w={expected}&" in srcset.split(", ")[-1]
    assert srcset.endswith(f" {min(width, 1920)}w")


@pytest.mark.parametrize(
    ("record", "site"),
    [
        (ready_record(), Site()),
        (replace(ready_record(), status="pending", renditions={}), SITE),
        (replace(ready_record(), status="rejected", renditions={}), SITE),
        (with_renditions(("500", 500, 333, "jpeg"), key="a/../b.jpg"), SITE),
    ],
)
def test_there_may_be_no_public_address(record: ImageRecord, site: Site) -> None:
    assert public_links(record, site) is None


@pytest.mark.parametrize(
    ("variables", "site"),
    [
        ({}, Site()),
        ({"site": "https://d1.cloudfront.net"}, SITE),
        ({"site": "https://x.org", "widths": "20,500"}, Site("https://x.org", (20, 500))),
    ],
)
def test_the_site_is_described_by_the_stage(variables: dict[str, str], site: Site) -> None:
    assert Site.from_stage(variables) == site


def test_the_record_has_no_public_address_without_a_distribution() -> None:
    record = ready_record()

    assert ask(with_record(record), "GET", f"/images/{record.id}").json["public"] is None
