"""`imagemill.client` with a running stack."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fakes.client_server import WaitingClient
from fakes.images import jpeg, png
from fakes.issuer import FakeIssuer

from imagemill.client import ApiError, Client
from imagemill.local.address import Address

PAGE = Path(__file__).parents[2] / "docs/client.md"


@pytest.fixture(params=[Client, WaitingClient], ids=["blocking", "asyncio"])
def client(request: pytest.FixtureRequest, address: Address) -> Iterator[Client]:
    """Return each client in turn, with the key of the API."""
    kind: type[Client] = request.param
    with kind(address.api_url, key=address.api_key) as found:
        yield found


def test_an_image_is_uploaded_shown_changed_and_deleted(client: Client) -> None:
    data, reports = jpeg(900, 600), [0]

    uploaded = client.upload(
        BytesIO(data),
        filename="été (1).jpg",
        focus=(0.25, 0.5),
        progress=lambda sent, _: reports.append(sent),
    )
    image = client.wait(uploaded)
    moved = client.wait(client.set_focus(image.id, (0.75, 0.5)).id)

    assert (image.filename, image.status, image.version_id) == (
        "été (1).jpg",
        "ready",
        uploaded.version_id,
    )
    assert reports[-1] == len(data)
    assert image.renditions["500"].width == 500
    assert client.original(image.id) == data
    assert client.rendition(image.id, "thumb")[8:12] == b"WEBP"
    assert (image.focus, moved.focus) != (None, image.focus)
    picture = image.picture(alt="Summer", sizes="50vw")
    assert picture is not None
    assert 'alt="Summer"' in picture
    assert 'sizes="50vw"' in picture

    client.delete(image.id)
    client.delete(image.id)

    with pytest.raises(ApiError) as caught:
        client.get(image.id)
    assert (caught.value.code, bool(caught.value.request_id)) == ("gone", True)


def test_a_file_over_the_limit_is_refused_before_it_is_sent(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    # A sparse file.
    with path.open("wb") as sparse:
        sparse.truncate(101 << 20)

    with pytest.raises(ApiError) as caught:
        client.upload(path)

    assert (caught.value.code, caught.value.status) == ("too_many_bytes", 413)


@pytest.mark.parametrize("kind", [Client, WaitingClient])
def test_a_user_sees_own_images_only(
    kind: type[Client], address: Address, issuer: FakeIssuer
) -> None:
    with (
        kind(address.users_api_url, token=lambda: issuer.token(sub="carol")) as carol,
        kind(address.users_api_url, token=issuer.token(sub="dave")) as dave,
    ):
        image = carol.wait(carol.upload(jpeg(40, 30)))
        with pytest.raises(ApiError) as caught:
            dave.get(image.id)

        assert (bool(image.owner), caught.value.code) == (True, "not_found")
        assert image.id in {one.id for one in carol.list()}
        assert image.id not in {one.id for one in dave.list()}


def test_the_code_of_the_page_works(
    address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "holiday.jpg").write_bytes(jpeg(900, 600))
    (tmp_path / "beach.png").write_bytes(png())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMAGEMILL_API", address.api_url)
    monkeypatch.setenv("IMAGEMILL_API_KEY", address.api_key)
    names: dict[str, Any] = {}

    for block in blocks:
        exec(block, names)  # noqa: S102  # the blocks of our own page

    names["client"].close()
    assert len(blocks) == 10
    assert names["image"].srcset
