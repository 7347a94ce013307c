"""A Django project whose images are on the embedded AWS."""

import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from django.core.files.base import ContentFile
from fakes.images import jpeg
from live.stack import TIMEOUT_S
from PIL import Image
from shop import closed_at_the_end, empty_project, storage_options
from shop.models import Product

from imagemill.local.address import Address


@pytest.fixture(scope="module", autouse=True)
def connections() -> Iterator[None]:
    """Close the connections to the stack when the tests have ended."""
    with closed_at_the_end():
        yield


@pytest.fixture(autouse=True)
def project(address: Address, tmp_path: Path) -> Iterator[None]:
    """Let the project use the API of the stack."""
    options = {"api": address.api_url, "key": address.api_key, "poll_s": 0.05}
    with empty_project(tmp_path), storage_options("storage.StackStorage", **options):
        yield


def read_when_done(product: Product) -> Product:
    """Read the product, as a page does, until its image is no longer pending."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        product.refresh_from_db()
        if product.photo.status != "pending":
            return product
        time.sleep(0.05)
    raise AssertionError("the image stayed pending")


def test_an_image_of_a_model_is_uploaded_shown_and_deleted(address: Address) -> None:
    data = jpeg(1200, 800)
    product = Product(name="sea")
    product.photo.save("été $1.jpg", ContentFile(data))
    photo = read_when_done(product).photo

    html = photo.picture("Sea", sizes="50vw")
    assert len(photo.placeholder) > 20
    parts = urlsplit(photo.renditions["500"].url)
    shown = httpx.get(address.endpoint + parts.path, headers={"host": parts.netloc})
    with photo.open() as original:
        assert original.read() == data
    photo.delete()

    assert Image.open(BytesIO(shown.content)).size == (500, 333)
    assert '<source type="image/avif" srcset="' in html
    assert "fm=webp" in html
    assert 'sizes="50vw" width="1200" height="800" alt="Sea"' in html
    assert Product.objects.get().photo.status == ""


def test_a_file_that_is_no_image_is_rejected() -> None:
    product = Product(name="words")
    product.photo.save("a.jpg", ContentFile(b"words"))

    photo = read_when_done(product).photo

    assert (photo.status, photo.state.error_code) == ("rejected", "not_an_image")
