"""The originals of a project are in the bucket of a stack, and its pages show the renditions."""

import time
from dataclasses import replace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import TemporaryUploadedFile
from fakes.api import KEY
from fakes.cloud import ready_record
from fakes.images import jpeg
from fakes.stack_server import SITE, StackServer
from shop.models import Product

from imagemill.contrib.django.models import Image
from imagemill.contrib.django.state import end_of
from imagemill.contrib.django.storage import StackStorage
from imagemill.domain.keys import image_id
from imagemill.errors import ImagemillError, SetupFailed

DATA = jpeg(120, 80)


def saved(name: str = "sea view.jpg", data: bytes = DATA) -> Product:
    product = Product(name="sea")
    product.photo.save(name, ContentFile(data))
    return product


def read_again(product: Product) -> Product:
    return Product.objects.get(pk=product.pk)


def test_an_image_is_uploaded_by_a_form_and_is_pending_at_first(stack: StackServer) -> None:
    photo = saved("été (1).jpg").photo

    assert stack.originals == {str(photo): DATA}
    assert str(photo).endswith("/été (1).jpg")
    assert (photo.status, photo.url, photo.srcset) == ("pending", "", "")
    assert stack.asked == ["POST /uploads"]


def test_an_upload_that_django_has_on_disk_is_sent_from_there(stack: StackServer) -> None:
    with TemporaryUploadedFile("big.jpg", "image/jpeg", len(DATA), None) as file:
        file.write(DATA)
        file.flush()
        product = Product.objects.create(name="big", photo=file)

    assert stack.originals == {str(product.photo): DATA}


def test_a_refreshed_image_has_public_addresses(stack: StackServer) -> None:
    product = saved()
    stack.process(str(product.photo))

    product.photo.refresh()

    photo = read_again(product).photo
    [small] = photo.renditions.values()
    assert (photo.status, photo.width, photo.height) == ("ready", 1200, 800)
    assert small.url.startswith(f"{SITE}/500/uploads/")
    assert (photo.url, photo.srcset, photo.colour) == (small.url, f"{small.url} 500w", "#aabbcc")


def test_pages_ask_the_database_and_not_the_stack(stack: StackServer) -> None:
    product = saved()
    stack.process(str(product.photo))
    product.photo.refresh()
    stack.asked.clear()

    photo = read_again(product).photo

    assert photo.picture("sea")
    assert stack.asked == []


def test_without_webhooks_reading_a_pending_image_asks_again(
    stack: StackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = saved()
    stack.process(str(product.photo))
    monkeypatch.setattr(product.photo.storage, "poll_s", 1e-9)

    assert read_again(product).photo.status == "ready"


def test_a_pending_image_is_asked_for_only_after_the_time_between_polls(
    stack: StackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = saved()
    stack.process(str(product.photo))
    monkeypatch.setattr(product.photo.storage, "poll_s", 3600)

    assert read_again(product).photo.status == "pending"


def test_a_stack_that_does_not_answer_breaks_no_page(
    stack: StackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = saved()
    stack.lose(str(product.photo))
    broken = StackStorage("http://127.0.0.1:9", KEY, poll_s=1e-9)

    photo = read_again(product).photo
    monkeypatch.setattr(photo, "storage", broken)

    assert photo.picture("sea") == '<span data-status="pending">sea</span>'
    with pytest.raises(ImagemillError):
        photo.refresh()


def test_an_image_without_a_row_is_read_from_the_stack(stack: StackServer) -> None:
    stack.change(ready_record("holiday/a.jpg"))

    photo = Product.objects.create(name="by sync", photo="holiday/a.jpg").photo

    assert photo.status == "ready"
    assert Image.objects.get().key == "holiday/a.jpg"


def test_addresses_that_end_soon_are_renewed(stack: StackServer) -> None:
    product = saved()
    stack.process(str(product.photo))
    product.photo.refresh()
    row = Image.objects.get()
    soon = replace(row.current, expires_at=time.time() + 60)
    Image.objects.update(**Image.columns(soon))

    photo = read_again(product).photo

    assert photo.status == "ready"
    assert photo.state.expires_at is None
    assert len(stack.asked) == 3


@pytest.mark.parametrize(
    ("url", "end"),
    [
        ("https://d1.cloudfront.net/500/a.jpg", None),
        ("https://d1.cloudfront.net/500/a.jpg?Expires=1790000000&Signature=x", 1790000000),
        ("https://d1.cloudfront.net/500/a.jpg?Expires=never", None),
        ("https://b/a?X-Amz-Date=20261129T120000Z&X-Amz-Expires=900", 1795954500),
        ("https://b/a?X-Amz-Date=20261129&X-Amz-Expires=900", None),
    ],
)
def test_the_end_of_a_signed_url_is_read_from_it(url: str, end: float | None) -> None:
    assert end_of(url) == end


def test_without_a_distribution_the_addresses_are_presigned(stack: StackServer) -> None:
    stack.variables.clear()
    product = saved()
    stack.process(str(product.photo))

    photo = product.photo
    photo.refresh()
    stack.variables["site"] = SITE

    assert photo.url == f"{stack.url}/bucket/"


def test_the_original_is_downloaded(stack: StackServer) -> None:
    product = saved()
    stack.process(str(product.photo))

    with read_again(product).photo.open() as file:
        assert file.read() == DATA
    assert product.photo.original_url.startswith(f"{stack.url}/bucket/")
    assert product.photo.size == 300_000


def test_a_rejected_image_says_why(stack: StackServer) -> None:
    product = saved("words.jpg", b"text")
    stack.process(str(product.photo))

    product.photo.refresh()

    assert (product.photo.status, product.photo.state.error_code) == ("rejected", "not_an_image")


def test_deleting_the_image_deletes_the_original(stack: StackServer) -> None:
    product = saved()
    stack.process(str(product.photo))

    product.photo.delete()

    assert stack.originals == {}
    assert Image.objects.count() == 0


@pytest.mark.parametrize("is_expired", [False, True])
def test_an_image_that_was_deleted_elsewhere_is_shown_as_deleted(
    stack: StackServer, *, is_expired: bool
) -> None:
    product = saved()
    key = str(product.photo)
    stack.process(key)
    StackStorage(stack.url, KEY).delete(key)
    if is_expired:
        stack.lose(key)

    product.photo.refresh()

    assert (product.photo.status, product.photo.url) == ("deleted", "")
    assert not product.photo.storage.exists(key)
    # Deleting it again is no error.
    product.photo.delete()


def test_a_browser_can_send_the_file_itself(stack: StackServer) -> None:
    ticket = StackStorage(stack.url, KEY).ticket("a.jpg", "image/jpeg", len(DATA))

    product = Product.objects.create(name="from a browser", photo=ticket.key)

    assert (ticket.fields["key"], product.photo.status) == (ticket.key, "pending")
    assert product.photo.image.pk == image_id(ticket.key)


def test_a_wrong_key_is_an_error_of_the_setup(stack: StackServer) -> None:
    with pytest.raises(SetupFailed, match="refused the key"):
        StackStorage(stack.url, "wrong").image_state("a.jpg")


def test_a_storage_without_an_address_is_not_used() -> None:
    with pytest.raises(ImproperlyConfigured, match="`api` is empty"):
        StackStorage("", KEY).exists("a.jpg")


def test_an_original_cannot_be_written_in_place(stack: StackServer) -> None:
    with pytest.raises(ValueError, match="expected mode rb"):
        StackStorage(stack.url, KEY).open("a.jpg", "wb")


def test_a_missing_original_is_not_found(stack: StackServer) -> None:
    storage = StackStorage(stack.url, KEY)

    with pytest.raises(FileNotFoundError):
        storage.size("nothing.jpg")
    with pytest.raises(ImagemillError):
        storage.open("nothing.jpg")
