"""The storage for development without AWS: renditions are made in this process."""

import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

from imagemill.contrib.django.picture import Rendition, picture_of_renditions
from imagemill.contrib.django.state import ImageState
from imagemill.domain.keys import EXTENSIONS, filename_of, image_id, safe_filename, upload_key
from imagemill.errors import ConfigurationInvalid, ImageRejected
from imagemill.imaging import DEFAULT_LIMITS, Rendered, render
from imagemill.imaging.limits import check_bytes
from imagemill.operations.write_file import write_file
from imagemill.recipe import Recipe

_DEFAULT_RECIPE = "500"
_RENDITIONS = "renditions"
# Random bytes in the key of an upload.
_TOKEN_BYTES = 8


@deconstructible(path="imagemill.contrib.django.local_storage.LocalStorage")
class LocalStorage(FileSystemStorage):
    """Originals and renditions in a folder, `MEDIA_ROOT` unless `location` names another.

    `recipe` is as in the parameter `Recipe` of a stack, without rules. For development only: the
    originals are public, with all their metadata, and the process that answers requests decodes
    the uploaded files.
    """

    poll_s = 0.0
    webhook_secrets: Sequence[str] = ()
    quiet_until = 0.0
    is_immediate = True

    def __init__(self, recipe: str = _DEFAULT_RECIPE, **options: Any) -> None:  # noqa: ANN401 - as in the base
        super().__init__(**options)
        self._recipe = recipe

    def faults(self) -> list[str]:
        """Return the faults of the options; empty if there are none."""
        try:
            self.recipe  # noqa: B018 - it is parsed
        except ImproperlyConfigured as fault:
            return [str(fault)]
        return []

    @property
    def recipe(self) -> Recipe:
        """The recipe that all images get; raises ImproperlyConfigured."""
        try:
            return Recipe.parse(self._recipe)
        except ConfigurationInvalid as fault:
            raise ImproperlyConfigured(f"the option `recipe`: {fault}") from fault

    def image_state(self, name: str) -> ImageState:
        """Render the image, and return its state; the same file gives the same renditions."""
        path = Path(self.path(name))
        if not path.is_file():
            return ImageState(name, "deleted")
        try:
            check_bytes(path.stat().st_size, DEFAULT_LIMITS)
            rendered = render(path.read_bytes(), self.recipe)
        except ImageRejected as fault:
            return ImageState(name, "rejected", error_code=fault.code, error_message=str(fault))
        return self._ready(name, rendered)

    def _ready(self, name: str, rendered: Rendered) -> ImageState:
        made: dict[str, Rendition] = {}
        for each in rendered.renditions:
            file = f"{_RENDITIONS}/{image_id(name)}/{each.preset}.{EXTENSIONS[each.format]}"
            write_file(Path(self.path(file)), each.data)
            url = self.url(file)
            made[each.preset] = Rendition(url, each.width, each.height, len(each.data), each.format)
        facts = rendered.facts
        return ImageState(
            key=name,
            status="ready",
            width=facts.width,
            height=facts.height,
            bytes=facts.bytes,
            format=facts.format,
            placeholder=rendered.placeholder,
            colour=rendered.colour,
            renditions=made,
            picture=picture_of_renditions(made.values(), facts.width, facts.height),
        )

    def get_valid_name(self, name: str) -> str:
        """Return the file name as the API of a stack keeps it."""
        return safe_filename(name)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:  # noqa: ARG002
        """Return a key as the API of a stack makes it: the name with a random folder."""
        return upload_key(filename_of(name), secrets.token_hex(_TOKEN_BYTES))

    def delete(self, name: str) -> None:
        """Delete the original and its renditions."""
        super().delete(name)
        shutil.rmtree(self.path(f"{_RENDITIONS}/{image_id(name)}"), ignore_errors=True)
