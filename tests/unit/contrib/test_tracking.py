"""The row of an image has the newest state, in whatever order answers arrive."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from fakes.images import jpeg
from fakes.stack_server import StackServer
from shop import storage_options
from shop.models import Banner, Product

from imagemill.contrib.django import tracking
from imagemill.contrib.django.fields import prefetch_images
from imagemill.contrib.django.models import Image
from imagemill.contrib.django.signals import image_changed
from imagemill.contrib.django.state import ImageState
from imagemill.contrib.django.storages import as_image_storage, image_storage
from imagemill.domain.keys import image_id
from imagemill.errors import StoreUnavailable

KEY = "uploads/x/a.jpg"


@dataclass
class SlowStorage:
    """A storage whose answers others overtake; `states` are the answers, in order."""

    states: list[ImageState]
    during: Callable[[int], object] = bool
    """Happens while an answer is on its way; it gets the number of the call."""
    poll_s: float = 0.0
    webhook_secrets: Sequence[str] = ()
    quiet_until: float = 0.0
    is_immediate: bool = False
    calls: int = field(default=0)

    def image_state(self, name: str) -> ImageState:
        assert name == KEY
        self.calls += 1
        self.during(self.calls)
        return self.states[min(self.calls, len(self.states)) - 1]

    def faults(self) -> list[str]:
        return []


def state(status: str, colour: str = "") -> ImageState:
    return ImageState(KEY, status, colour=colour)  # type: ignore[arg-type]


def test_an_old_answer_never_replaces_a_newer_state() -> None:
    def overtake(call: int) -> None:
        if call == 1:
            tracking.refresh(KEY, SlowStorage([state("deleted")]))

    row = tracking.refresh(KEY, SlowStorage([state("ready"), state("deleted")], overtake))

    assert row.status == Image.objects.get().status == "deleted"


def test_a_writer_that_is_always_overtaken_gives_up() -> None:
    def overtake(call: int) -> None:
        Image.objects.update(revision=100 + call)

    storage = SlowStorage([state("ready")], overtake)

    row = tracking.refresh(KEY, storage)

    assert (storage.calls, row.status) == (5, "pending")


def test_a_storage_that_failed_is_left_alone_for_a_while() -> None:
    def fail(_: int) -> None:
        raise StoreUnavailable("no answer")

    storage = SlowStorage([state("ready")], fail, poll_s=1e-9)

    rows = [tracking.current(KEY, storage) for _ in range(3)]

    assert ([row.status for row in rows], storage.calls) == (["pending"] * 3, 1)


def test_a_changed_state_is_announced_after_the_commit() -> None:
    heard: list[str] = []

    def listen(image: Image, **_: object) -> None:
        heard.append(image.status)

    image_changed.connect(listen)
    try:
        with TestCase.captureOnCommitCallbacks(execute=True):
            tracking.refresh(KEY, SlowStorage([state("ready", "#ffffff")]))
            tracking.refresh(KEY, SlowStorage([state("ready", "#ffffff")]))
            assert heard == []
    finally:
        image_changed.disconnect(listen)

    assert heard == ["ready"]


def test_a_list_is_shown_with_one_query_for_its_images() -> None:
    for name in "ab":
        Product(name=name).photo.save("a.jpg", ContentFile(jpeg()))
    Product.objects.create(name="none")
    products = list(Product.objects.order_by("name"))

    with CaptureQueriesContext(connection) as queries:
        prefetch_images(products, "photo")
        statuses = [product.photo.status for product in products]

    assert (statuses, len(queries)) == (["ready", "ready", ""], 1)


def test_a_list_asks_about_images_that_are_pending(
    stack: StackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = Product(name="sea")
    product.photo.save("a.jpg", ContentFile(jpeg()))
    monkeypatch.setattr(product.photo.storage, "poll_s", 1e-9)
    [listed] = Product.objects.all()
    stack.process(str(product.photo))

    prefetch_images([listed], "photo")

    assert len(stack.asked) == 1
    assert listed.photo.status == "ready"


def test_deleting_a_row_keeps_the_image_unless_the_field_deletes_orphans() -> None:
    product, banner = Product(name="sea"), Banner()
    product.photo.save("a.jpg", ContentFile(jpeg()))
    banner.image.save("a.jpg", ContentFile(jpeg()))

    with TestCase.captureOnCommitCallbacks(execute=True):
        product.delete()
        banner.delete()
        assert Image.objects.count() == 2

    assert [row.key for row in Image.objects.all()] == [str(product.photo)]


def test_an_image_that_cannot_be_deleted_is_logged_after_the_row_is_gone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    banner = Banner()
    banner.image.save("a.jpg", ContentFile(jpeg()))

    with (
        storage_options("storage.StackStorage", api="http://127.0.0.1:9", key="k"),
        TestCase.captureOnCommitCallbacks(execute=True),
    ):
        banner.delete()

    assert Banner.objects.count() == 0
    assert [one.exc_info[0] for one in caplog.records if one.exc_info] == [StoreUnavailable]


@pytest.mark.parametrize("is_cleared", [False, True])
def test_a_replaced_image_is_an_orphan(*, is_cleared: bool) -> None:
    banner = Banner()
    banner.image.save("a.jpg", ContentFile(jpeg()))
    former = str(banner.image)

    with TestCase.captureOnCommitCallbacks(execute=True):
        banner.image = "" if is_cleared else ContentFile(jpeg(), "b.jpg")
        banner.save()

    storage = image_storage()
    assert not storage.exists(former)
    assert [row.key for row in Image.objects.all()] == ([] if is_cleared else [str(banner.image)])


def test_a_replaced_image_stays_unless_the_field_deletes_orphans() -> None:
    product = Product(name="sea")
    product.photo.save("a.jpg", ContentFile(jpeg()))
    former = str(product.photo)

    with TestCase.captureOnCommitCallbacks(execute=True):
        product.photo = ContentFile(jpeg(), "b.jpg")
        product.save()

    assert str(product.photo) != former
    assert image_storage().exists(former)


def test_saving_a_row_again_keeps_its_image() -> None:
    banner = Banner()
    banner.image.save("a.jpg", ContentFile(jpeg()))

    with TestCase.captureOnCommitCallbacks(execute=True):
        Banner.objects.get().save()

    assert image_storage().exists(str(banner.image))


def test_the_command_asks_for_pending_images(
    stack: StackServer, capsys: pytest.CaptureFixture[str]
) -> None:
    product, other = Product(name="sea"), Product(name="still on its way")
    for each in (product, other):
        each.photo.save("a.jpg", ContentFile(jpeg()))
    stack.process(str(product.photo))
    capsys.readouterr()

    call_command("imagemill_poll")

    [line] = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("{")]
    assert line == f"ready       {product.photo}"
    assert Image.objects.get(pk=image_id(str(other.photo))).status == "pending"


def test_the_command_continues_after_an_image_that_it_cannot_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for key in ("a.jpg", "b.jpg"):
        pending = Image.columns(ImageState(key, "pending"))
        Image.objects.create(pk=image_id(key), checked_at="2026-11-29T00:00Z", **pending)

    with storage_options("storage.StackStorage", api="http://127.0.0.1:9", key="k"):
        call_command("imagemill_poll")

    errors = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in sorted(errors)] == ["a.jpg", "b.jpg"]


def test_any_other_storage_is_refused() -> None:
    with pytest.raises(Exception, match="expected StackStorage or LocalStorage"):
        as_image_storage(object())
