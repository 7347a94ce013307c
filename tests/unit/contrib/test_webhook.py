"""A webhook renews the state of its image, if the stack has signed it."""

import json
import time
from http import HTTPStatus

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.http import HttpResponseBase, JsonResponse
from django.test import Client
from fakes.cloud import ready_record
from fakes.images import jpeg
from fakes.stack_server import StackServer
from shop import storage_options
from shop.models import Product

from imagemill import webhooks
from imagemill.contrib.django.models import Image
from imagemill.domain import completion_event
from imagemill.domain.record import ImageRecord

SECRET = "the present secret"  # of the tests


def body_of(record: ImageRecord) -> bytes:
    """Return the body of a webhook about a record."""
    event = {
        "id": "e-1",
        "detail-type": completion_event.title(record),
        "source": completion_event.SOURCE,
        "time": "2026-11-29T12:00:00Z",
        "detail": completion_event.detail(record, "originals", "processed"),
    }
    return json.dumps(event).encode()


def post(body: bytes, header: str | None) -> HttpResponseBase:
    """Send a webhook as the stack does: no cookies, no token against forged forms."""
    headers = {webhooks.SIGNATURE_HEADER: header} if header else {}
    client = Client(enforce_csrf_checks=True)
    kind = "application/json"
    return client.post("/imagemill/webhook/", body, content_type=kind, headers=headers)


def sent(record: ImageRecord, secret: str = SECRET, age_s: int = 0) -> HttpResponseBase:
    body = body_of(record)
    return post(body, webhooks.sign(body, secret, int(time.time()) - age_s))


def code_in(answer: HttpResponseBase) -> str:
    assert isinstance(answer, JsonResponse)
    return str(json.loads(answer.content)["code"])


def saved() -> Product:
    product = Product(name="sea")
    product.photo.save("a.jpg", ContentFile(jpeg()))
    return product


@pytest.mark.parametrize("secret", [SECRET, "the secret before"])
def test_a_webhook_makes_an_image_ready(stack: StackServer, secret: str) -> None:
    product = saved()
    record = stack.process(str(product.photo))

    answer = sent(record, secret)

    photo = Product.objects.get().photo
    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert (photo.status, bool(photo.url)) == ("ready", True)


@pytest.mark.parametrize(
    ("secret", "age_s", "code"),
    [("another secret", 0, "signature_mismatch"), (SECRET, 3600, "signature_expired")],
)
def test_a_webhook_that_is_not_authentic_changes_nothing(
    stack: StackServer, secret: str, age_s: int, code: str
) -> None:
    record = stack.process(str(saved().photo))
    stack.asked.clear()

    answer = sent(record, secret, age_s)

    assert (answer.status_code, code_in(answer)) == (400, code)
    assert (Image.objects.get().status, stack.asked) == ("pending", [])


@pytest.mark.usefixtures("stack")
def test_a_webhook_without_a_signature_is_refused() -> None:
    answer = post(body_of(ready_record()), None)

    assert (answer.status_code, code_in(answer)) == (400, "signature_malformed")


@pytest.mark.usefixtures("stack")
def test_a_signed_body_without_an_image_is_refused() -> None:
    body = json.dumps(json.loads(body_of(ready_record())) | {"detail": {"image": None}}).encode()

    answer = post(body, webhooks.sign(body, SECRET, int(time.time())))

    assert (answer.status_code, code_in(answer)) == (400, "body_malformed")


def test_a_late_webhook_brings_no_old_state(stack: StackServer) -> None:
    product = saved()
    old = stack.process(str(product.photo))
    product.photo.storage.delete(str(product.photo))

    answers = [sent(record).status_code for record in (old, old)]

    assert (answers, Image.objects.get().status) == ([204, 204], "deleted")


def test_a_webhook_that_overtakes_the_upload_is_not_lost(stack: StackServer) -> None:
    record = stack.change(ready_record("uploads/x/a.jpg"))

    sent(record)

    assert Product.objects.create(name="sea", photo="uploads/x/a.jpg").photo.status == "ready"
    assert stack.asked == ["GET /images/" + record.id] * 2


def test_an_image_that_the_project_may_not_read_gets_no_row(stack: StackServer) -> None:
    assert sent(ready_record("of-others.jpg")).status_code == 204
    assert (Image.objects.count(), len(stack.asked)) == (0, 1)


def test_a_webhook_is_sent_again_if_the_api_does_not_answer() -> None:
    options = {"api": "http://127.0.0.1:9", "key": "k", "webhook_secrets": [SECRET]}
    with storage_options("storage.StackStorage", **options):
        answer = sent(ready_record())

    assert (answer.status_code, code_in(answer)) == (503, "store_unavailable")


def test_only_post_is_allowed() -> None:
    assert Client().get("/imagemill/webhook/").status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_without_secrets_nothing_is_accepted() -> None:
    with pytest.raises(ImproperlyConfigured, match="`webhook_secrets`"):
        sent(ready_record())
