"""The storage of the project's images, found in `STORAGES`."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import InvalidStorageError, Storage, default_storage
from django.core.files.storage import storages as configured

from imagemill.contrib.django.state import ImageState

ALIAS = "imagemill"
"""The alias in `STORAGES` that fields use; without it they use `default`."""

# Raised for a backend that does not exist, and for options that it does not have.
STORAGE_FAULTS = (InvalidStorageError, TypeError)


@runtime_checkable
class ImageStorage(Protocol):
    """A storage that knows the states of its images."""

    poll_s: float
    """Seconds after which reading a pending image asks for its state again; 0 for never."""
    webhook_secrets: Sequence[str]
    """The valid secrets of webhooks; without one, no webhook is accepted."""
    quiet_until: float
    """Time of `time.monotonic`, s, before which pages ask for no state, because it failed."""
    is_immediate: bool
    """Whether an image has its final state as soon as it is stored."""

    def image_state(self, name: str) -> ImageState:
        """Return the present state of the image with this name; raises ImagemillError."""

    def faults(self) -> list[str]:
        """Return the faults of the options; empty if there are none."""


def image_storage() -> Storage:
    """Return the storage of the alias `imagemill`, else the default one."""
    return configured[ALIAS] if ALIAS in configured.backends else default_storage


def as_image_storage(storage: object) -> ImageStorage:
    """Return the storage if it knows the states of images; raises ImproperlyConfigured."""
    if not isinstance(storage, ImageStorage):
        raise ImproperlyConfigured(
            f"expected StackStorage or LocalStorage in STORAGES[{ALIAS!r}], got {storage!r}"
        )
    return storage
