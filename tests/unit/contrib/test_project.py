"""What a project sees of the app: checks of its settings, migrations and forms."""

from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.checks import run_checks
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.management import call_command
from django.db.migrations.writer import MigrationWriter
from django.test import override_settings
from django.utils.datastructures import MultiValueDict
from fakes.images import encoded, jpeg
from shop.models import Product

from imagemill.contrib.django.fields import ImageRenditionField
from imagemill.contrib.django.local_storage import LocalStorage

LOCAL = "imagemill.contrib.django.local_storage.LocalStorage"
STACK = "imagemill.contrib.django.storage.StackStorage"
SECRETS: dict[str, object] = {"key": "k", "webhook_secrets": ["a secret"]}


def complaints(
    backend: str, options: dict[str, object] | None = None, *, deploy: bool = False
) -> list[str]:
    """Return the ids of the checks that fail, and the beginning of their texts."""
    storage = {"BACKEND": backend, "OPTIONS": options or {}}
    with override_settings(STORAGES={**settings.STORAGES, "imagemill": storage}):
        found = run_checks(include_deployment_checks=deploy)
    return [
        f"{each.id} {each.msg}" for each in found if str(each.id).startswith(("imagemill", "shop"))
    ]


@pytest.mark.parametrize(
    ("backend", "options"),
    [
        (LOCAL, {"recipe": "500, thumb=100x100:cover:webp"}),
        (STACK, {"api": "https://abc.execute-api.eu-central-1.amazonaws.com/live"} | SECRETS),
        (STACK, {"api": "http://127.0.0.1:4566/_aws/execute-api/ff0289da/live"} | SECRETS),
    ],
)
def test_valid_settings_pass_the_checks(backend: str, options: dict[str, object]) -> None:
    assert complaints(backend, options) == []


@pytest.mark.parametrize(
    ("backend", "options", "text"),
    [
        (LOCAL, {"recipe": "500:blurry"}, "the option `recipe`"),
        (LOCAL, {"recipes": "500"}, "FileSystemStorage.__init__() got an unexpected"),
        (STACK, {"key": "k"}, "the option `api` is empty"),
        (STACK, {"api": "https://a.example"}, "the option `key` is empty"),
        (
            STACK,
            {"api": "http://a.example", "key": "k"},
            "the option `api`",
        ),
        ("imagemill.nowhere", {}, "Could not find backend"),
    ],
)
def test_a_wrong_setting_fails_a_check(backend: str, options: dict[str, object], text: str) -> None:
    assert [
        one
        for one in complaints(backend, options)
        if one.startswith(f"imagemill.E003 STORAGES: {text}")
    ]


def test_a_storage_without_renditions_fails_the_check_of_the_field() -> None:
    found = complaints("django.core.files.storage.InMemoryStorage")

    assert set(found) == {"imagemill.E001 The storage has no renditions."}


def test_a_deployment_that_renders_in_its_own_process_gets_a_warning() -> None:
    assert complaints(LOCAL) == []
    assert [one[:14] for one in complaints(LOCAL, deploy=True)] == ["imagemill.W001"]


def test_a_project_without_the_app_fails_the_check_of_the_field() -> None:
    names = [name for name in settings.INSTALLED_APPS if not name.startswith("imagemill")]
    field = Product.photo.field

    with override_settings(INSTALLED_APPS=names):
        found = [each.id for each in field.check()]

    assert found == ["imagemill.E002"]


@pytest.mark.parametrize("secrets", ["a text", [""], [b"bytes"], None])
def test_wrong_secrets_of_webhooks_fail_a_check(secrets: object) -> None:
    options = {"api": "https://a.example", "key": "k", "webhook_secrets": secrets}

    assert any("`webhook_secrets` is no list" in each for each in complaints(STACK, options))


def test_a_project_that_receives_webhooks_needs_a_secret() -> None:
    options: dict[str, object] = {"api": "https://a.example", "key": "k"}

    with_view = complaints(STACK, options)
    with_secret = complaints(STACK, options | {"webhook_secrets": ["a secret"]})
    with override_settings(ROOT_URLCONF="shop.no_urls"):
        without_view = complaints(STACK, options)

    assert [each[:14] for each in with_view] == ["imagemill.E004"]
    assert with_secret == without_view == []


def test_the_models_need_no_further_migration() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (ImageRenditionField(), "ImageRenditionField(upload_to='')"),
        (ImageRenditionField(preset="thumb"), "ImageRenditionField(preset='thumb', upload_to='')"),
        (
            ImageRenditionField(max_length=200, storage=LocalStorage(recipe="40")),
            f"ImageRenditionField(max_length=200, storage={LOCAL}(recipe='40'), upload_to='')",
        ),
    ],
)
def test_a_migration_names_only_what_the_model_says(field: ImageRenditionField, text: str) -> None:
    written, _ = MigrationWriter.serialize(field)

    assert written == f"imagemill.contrib.django.fields.{text}"


ProductForm = forms.modelform_factory(Product, fields=["name", "photo"])


def form(data: bytes, name: str = "a.jpg") -> "forms.BaseModelForm[Product]":
    """Return a form that was sent with a file."""
    files: MultiValueDict[str, UploadedFile[Any]] = MultiValueDict(
        {"photo": [SimpleUploadedFile(name, data)]}
    )
    return ProductForm({"name": "sea"}, files)


@pytest.mark.parametrize("data", [jpeg(), encoded(60, 40, "JPEG2000")])
def test_a_form_accepts_every_format_that_is_read(data: bytes) -> None:
    product = form(data).save()

    assert product.photo.status == "ready"


@pytest.mark.parametrize(
    ("data", "code"), [(b"<svg xmlns=''/>", "unsupported_format"), (b"words", "not_an_image")]
)
def test_a_form_refuses_a_file_that_is_no_image(data: bytes, code: str) -> None:
    [error] = form(data).errors.as_data()["photo"]

    assert error.code == code


def test_a_form_offers_images_first_and_allows_to_clear_the_field() -> None:
    product = form(jpeg()).save()

    html = ProductForm(instance=product).as_p()

    assert 'accept="image/*,.heic,.heif,.avif,.jxl"' in html
    assert f'<a href="{product.photo.url}">' in html
    assert 'name="photo-clear"' in html
