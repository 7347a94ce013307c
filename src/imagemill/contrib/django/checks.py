"""System checks of the settings."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.urls import NoReverseMatch, reverse

from imagemill.contrib.django.local_storage import LocalStorage
from imagemill.contrib.django.storage import StackStorage
from imagemill.contrib.django.storages import STORAGE_FAULTS, ImageStorage, image_storage


def register_all() -> None:
    """Register the checks; only `check --deploy` runs the last one."""
    register(Tags.files)(check_options)
    register(Tags.security)(check_secrets)
    register(Tags.security, deploy=True)(check_deployment)


def check_options(**_: Any) -> list[CheckMessage]:  # noqa: ANN401 - as Django calls it
    """Check the options of the storage in `STORAGES`."""
    try:
        storage = image_storage()
        faults = storage.faults() if isinstance(storage, ImageStorage) else []
    except STORAGE_FAULTS as fault:
        faults = [str(fault)]
    return [Error(f"STORAGES: {fault}", id="imagemill.E003") for fault in faults]


def check_secrets(**_: Any) -> list[CheckMessage]:  # noqa: ANN401 - as Django calls it
    """Check that a project that receives webhooks of a stack has a secret."""
    try:
        reverse("imagemill:webhook")
        storage = image_storage()
    except (NoReverseMatch, *STORAGE_FAULTS):
        return []
    if not isinstance(storage, StackStorage) or storage.webhook_secrets:
        return []
    text = "The project receives webhooks, but no secret is set."
    hint = "Set the option `webhook_secrets` of StackStorage."
    return [Error(text, hint=hint, id="imagemill.E004")]


def check_deployment(**_: Any) -> list[CheckMessage]:  # noqa: ANN401 - as Django calls it
    """Check that a deployed project does not render in its own process."""
    if not isinstance(image_storage(), LocalStorage):
        return []
    hint = "Set STORAGES['imagemill'] to StackStorage."
    text = "LocalStorage decodes uploaded files in this process, and shows originals to everybody."
    return [CheckWarning(text, hint=hint, id="imagemill.W001")]
