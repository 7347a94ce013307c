"""Share links on a stack: signed, limited to their images, listed and revoked."""

import secrets

import httpx
import pytest
from fakes.images import jpeg
from fakes.issuer import FakeIssuer
from live.stack import TIMEOUT_S, Stack

from imagemill.domain.keys import image_id, owner_id
from imagemill.local.address import Address


def visit(address: Address, token: str, path: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", "origin": "https://elsewhere.example"}
    return httpx.get(f"{address.shares_api_url}{path}", headers=headers, timeout=TIMEOUT_S)


@pytest.fixture(scope="module")
def folder(stack: Stack) -> str:
    """Return the prefix of a folder with two images, beside another folder."""
    name = f"shared-{secrets.token_hex(4)}"
    keys = [f"{name}/a.jpg", f"{name}/deeper/b.jpg", f"{name}-not/c.jpg"]
    for key in keys:
        stack.put(key, jpeg(40, 30))
    for key in keys:
        stack.wait_until_final(key)
    return f"{name}/"


def test_a_link_shows_a_folder_until_it_is_revoked(
    address: Address, api: httpx.Client, folder: str
) -> None:
    made = api.post("/shares", json={"prefix": folder}).json()
    inside, outside = image_id(f"{folder}a.jpg"), image_id(f"{folder[:-1]}-not/c.jpg")

    def keys(path: str) -> set[str]:
        return {one["key"] for one in visit(address, made["token"], path).json()["images"]}

    assert keys("/images?limit=100") == {f"{folder}a.jpg", f"{folder}deeper/b.jpg"}
    assert keys("/search?limit=100") == {f"{folder}a.jpg", f"{folder}deeper/b.jpg"}
    assert keys("/folders") == {f"{folder}a.jpg"}
    image = visit(address, made["token"], f"/images/{inside}")
    assert httpx.get(image.json()["links"]["renditions"]["500"], timeout=TIMEOUT_S).is_success
    assert image.json()["links"]["original"] is None
    assert image.headers["access-control-allow-origin"] == "*"
    assert visit(address, made["token"], f"/images/{outside}").status_code == 404
    assert made["url"].startswith(f"{address.gallery_url}#share=ims1-")

    listed = api.get("/shares").json()["shares"]
    api.delete(f"/shares/{made['id']}").raise_for_status()
    refused = visit(address, made["token"], f"/images/{inside}")

    assert made["id"] in {one["id"] for one in listed}
    assert (refused.status_code, refused.json()["code"]) == (401, "share_revoked")


def test_an_owner_shares_its_own_images_by_the_index_of_owners(
    address: Address, issuer: FakeIssuer, stack: Stack, folder: str
) -> None:
    user = f"carol-{secrets.token_hex(4)}"
    key = f"uploads/~{owner_id(f'user:{user}')}/t/a.jpg"
    stack.put(key, jpeg(40, 30))
    stack.wait_until_final(key)
    headers = {"authorization": f"Bearer {issuer.token(sub=user)}"}
    with httpx.Client(base_url=address.users_api_url, headers=headers, timeout=TIMEOUT_S) as carol:
        made = carol.post("/shares", json={"prefix": key[:-7]}).json()
        foreign = carol.post("/shares", json={"prefix": folder})

    listed = visit(address, made["token"], "/images").json()["images"]

    assert [one["key"] for one in listed] == [key]
    assert foreign.status_code == 404
