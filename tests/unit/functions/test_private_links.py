"""Signed addresses and cookies in answers of the API, if the images are private."""

from dataclasses import replace

import pytest
from fakes.api import FakeApiDeps, FakeFeed, ask, with_record
from fakes.cloud import ready_record

from imagemill.functions.api.messages import Site
from imagemill.functions.api.public_links import public_links
from imagemill.private.policies import from_url, read_policy
from imagemill.private.signer import LinkSigner

HOST = "https://d1.cloudfront.net"
SITE = Site(HOST, (250, 500, 960), keeps_versions=True)
VERSION = "01-0123456789abcdef"
OWNER = "a" * 26
SIGNER = LinkSigner("K1", lambda text: text[:9], 3600, lambda: 1_795_953_600)


def signature(address: str) -> dict[str, str]:
    """Return the parameters of a signed address."""
    query = address.partition("?")[2]
    return dict(part.split("=", 1) for part in query.split("&"))


def test_the_address_of_a_rendition_is_signed() -> None:
    found = public_links(ready_record("a b.jpg"), SITE, SIGNER)

    assert found
    address, _, query = found["renditions"]["500"].partition("?")
    assert address == f"{HOST}/~~/{VERSION}/500/a%20b.jpg"
    assert signature(f"?{query}").keys() == {"Expires", "Signature", "Key-Pair-Id"}


def test_the_address_of_an_owned_rendition_begins_with_the_owner() -> None:
    record = ready_record(f"uploads/~{OWNER}/t/a.jpg")
    moved = replace(
        record,
        renditions={"500": replace(record.renditions["500"], key=f"~500/{record.id}")},
    )

    found, other = (public_links(one, SITE, SIGNER) for one in (record, moved))

    assert found
    assert found["renditions"]["500"].startswith(f"{HOST}/~~/~{OWNER}/{VERSION}/500/uploads/")
    assert found["iiif"] == f"{HOST}/iiif/3/uploads%2F~{OWNER}%2Ft%2Fa.jpg"
    # Its key does not name the owner, so the edge would refuse it below the owner.
    assert other
    assert other["renditions"]["500"].startswith(f"{HOST}/~~/{VERSION}/~500/")


def test_one_signature_opens_all_sizes_of_one_image() -> None:
    record = ready_record("a.jpg")

    found = public_links(record, SITE, SIGNER)

    assert found
    assert found["srcset"]
    urls = [one.split(" ")[0] for one in found["srcset"].split(", ")]
    [policy] = {signature(url)["Policy"] for url in urls}
    covers = read_policy(from_url(policy).decode()).covers
    bare = [url.partition("&Policy=")[0] for url in urls]
    assert all(covers(url, 1_795_953_600) for url in bare)
    assert bare[0] == f"{HOST}/~/{record.id}?w=250&auto=format"
    assert not covers(f"{HOST}/~/b.jpg?w=250", 1_795_953_600)


def test_stored_renditions_are_signed_in_a_srcset() -> None:
    found = public_links(ready_record("a.jpg"), Site(HOST), SIGNER)

    assert found
    assert found["srcset"] == f"{found['renditions']['500']} 500w"


def test_a_list_has_addresses_if_they_are_asked_for() -> None:
    deps = FakeApiDeps(feed=FakeFeed([ready_record("a.jpg")]), links=SIGNER)
    stage = {"site": HOST}

    plain = ask(deps, "GET", "/images", stage=stage).json["images"][0]
    asked = ask(deps, "GET", "/images", query={"public": "true"}, stage=stage).json["images"][0]

    assert "public" not in plain
    assert signature(asked["public"]["renditions"]["500"])["Key-Pair-Id"] == "K1"
    assert ask(deps, "GET", "/images", query={"public": "yes"}).status == 422


def test_the_record_has_signed_addresses() -> None:
    deps = with_record(ready_record("a.jpg"))
    deps.links = SIGNER

    found = ask(deps, "GET", f"/images/{ready_record('a.jpg').id}", stage={"site": HOST}).json

    assert "Signature=" in found["public"]["renditions"]["500"]


def test_a_browser_gets_cookies_by_a_url_of_the_distribution() -> None:
    answer = ask(FakeApiDeps(links=SIGNER), "POST", "/cookies", stage={"site": HOST})

    assert answer.status == 201
    assert answer.json["expires_at"] == "2026-11-29T13:00:00.000Z"
    assert answer.json["url"].startswith(f"{HOST}/~cookies?all=")


@pytest.mark.parametrize(("links", "site"), [(None, HOST), (SIGNER, "")])
def test_public_images_have_no_cookies(links: LinkSigner | None, site: str) -> None:
    answer = ask(FakeApiDeps(links=links), "POST", "/cookies", stage={"site": site})

    assert (answer.status, answer.json["code"]) == (404, "not_found")
