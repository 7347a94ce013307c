"""The model field of an image."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self, overload

from django.apps import apps
from django.core import checks
from django.core.files.storage import Storage
from django.db import models, transaction
from django.db.models.signals import post_delete

from imagemill.contrib.django.field_file import ImageFieldFile
from imagemill.contrib.django.forms import ImageFormField
from imagemill.contrib.django.storages import (
    ALIAS,
    STORAGE_FAULTS,
    ImageStorage,
    image_storage,
)
from imagemill.domain.keys import MAX_KEY_BYTES

if TYPE_CHECKING:
    from django.db.models.fields.files import FileDescriptor


class ImageRenditionField(models.FileField):
    """A field that stores the key of an image; the stack, or LocalStorage, makes its renditions.

    `preset` is the one whose address `url` returns. With `delete_orphans` the image is deleted
    after its row is deleted or names another image; without it, as in Django's own fields, images
    stay until `delete()` is called.
    """

    attr_class = ImageFieldFile
    description = "Image with renditions"

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        preset: str = "",
        delete_orphans: bool = False,
        **options: Any,  # noqa: ANN401 - as in the base
    ) -> None:
        self.preset = preset
        self.delete_orphans = delete_orphans
        self._has_own_storage = options.get("storage") is not None
        options.setdefault("max_length", MAX_KEY_BYTES)
        super().__init__(verbose_name, **options)

    if TYPE_CHECKING:

        @overload  # type: ignore[override]  # the base returns Any
        def __get__(self, instance: None, owner: object) -> "FileDescriptor": ...
        @overload
        def __get__(self, instance: models.Model, owner: object) -> ImageFieldFile: ...
        @overload
        def __get__(self, instance: object, owner: object) -> Self: ...
        def __get__(self, instance: Any, owner: Any) -> Any: ...

    @property
    def storage(self) -> Storage:
        """The storage that the model names, else the one of the settings, as they are now."""
        return self._storage if self._has_own_storage else image_storage()

    @storage.setter
    def storage(self, storage: Storage) -> None:
        self._storage = storage

    def deconstruct(self) -> Any:  # noqa: ANN401 - as in the base
        """Return the arguments for migrations, which name no storage unless the model does."""
        name, path, args, kwargs = super().deconstruct()
        if not self._has_own_storage:
            kwargs.pop("storage", None)
        if self.max_length != MAX_KEY_BYTES:
            kwargs["max_length"] = self.max_length
        else:
            kwargs.pop("max_length", None)
        kwargs |= {"preset": self.preset} if self.preset else {}
        kwargs |= {"delete_orphans": True} if self.delete_orphans else {}
        return name, path, args, kwargs

    def contribute_to_class(  # type: ignore[override]  # stubs of the two bases differ
        self,
        cls: type[models.Model],
        name: str,
        **options: Any,  # noqa: ANN401 - as in the base
    ) -> None:
        """Add the field to a model, and delete the images of its deleted rows if asked to."""
        super().contribute_to_class(cls, name, **options)
        if self.delete_orphans and not cls._meta.abstract:
            post_delete.connect(self._delete_with_row, sender=cls)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: ANN401, FBT001 - as in the base
        """Upload a new file before the row is written."""
        former = "" if add or not self.delete_orphans else self._stored_name(model_instance)
        file = super().pre_save(model_instance, add)
        if former and former != file.name:
            self._delete_after_commit(former)
        return file

    def formfield(self, **kwargs: Any) -> Any:  # noqa: ANN401 - as in the base
        """Return a form field that refuses files which are no images."""
        return super().formfield(**{"form_class": ImageFormField, **kwargs})

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:  # noqa: ANN401 - as in the base
        """Check that the storage of the field knows renditions."""
        return [*super().check(**kwargs), *self._check_storage()]

    def _check_storage(self) -> list[checks.CheckMessage]:
        found: list[checks.CheckMessage] = []
        if not self._has_image_storage():
            hint = f"Set STORAGES[{ALIAS!r}] to StackStorage or LocalStorage of imagemill."
            found.append(
                checks.Error("The storage has no renditions.", hint, self, "imagemill.E001")
            )
        if not apps.is_installed("imagemill.contrib.django"):
            hint = "Add 'imagemill.contrib.django' to INSTALLED_APPS."
            found.append(checks.Error("The app is not installed.", hint, self, "imagemill.E002"))
        return found

    def _has_image_storage(self) -> bool:
        try:
            return isinstance(self.storage, ImageStorage)
        except STORAGE_FAULTS:
            # `checks.check_options` says why.
            return True

    def _stored_name(self, instance: models.Model) -> str:
        rows = type(instance)._base_manager.filter(pk=instance.pk)  # noqa: SLF001 - documented
        return rows.values_list(self.attname, flat=True).first() or ""

    def _delete_with_row(self, instance: models.Model, **_: object) -> None:
        name = getattr(instance, self.attname).name
        if name:
            self._delete_after_commit(name)

    def _delete_after_commit(self, name: str) -> None:
        storage = self.storage

        # Django logs the name of the function, which a partial function does not have.
        def delete_orphan() -> None:
            _delete(storage, name)

        # The row is gone by then, so a failure is logged, and the response stays as it is.
        transaction.on_commit(delete_orphan, robust=True)


def _delete(storage: Storage, name: str) -> None:
    from imagemill.contrib.django import tracking  # noqa: PLC0415 - it needs the models

    storage.delete(name)
    tracking.forget(name)


def prefetch_images(instances: Iterable[models.Model], *fields: str) -> None:
    """Read the rows of the images of several instances with one query.

    It asks no stack: a row that is missing, waits or has addresses that end soon is renewed when it
    is used.
    """
    from imagemill.contrib.django import tracking  # noqa: PLC0415 - it needs the models

    files = [getattr(each, field) for each in instances for field in fields]
    rows = tracking.find_many(file.name for file in files if file)
    for file in files:
        if file:
            file.remember(rows.get(file.name))
