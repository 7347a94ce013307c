"""The image of one instance, which its field returns."""

from typing import TYPE_CHECKING

from django.db.models.fields.files import FieldFile
from django.utils.safestring import SafeString

from imagemill.contrib.django.markup import picture_html, rendition_html
from imagemill.contrib.django.state import ImageState
from imagemill.contrib.django.storages import ImageStorage, as_image_storage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from django.core.files import File

    from imagemill.contrib.django.models import Image
    from imagemill.contrib.django.picture import Rendition

# The state of a field without an image.
_NOTHING = ImageState("", "pending")


class ImageFieldFile(FieldFile):
    """The image of one instance: its state, and the addresses of its renditions.

    Its properties read the row of the image, once for each instance. The storage is asked first for
    a row that is missing, waits for a result, or has addresses that end soon.
    """

    _row: "Image | None" = None
    _known: "Image | None" = None
    """The row as it was read for several instances at once."""

    @property
    def image(self) -> "Image":
        """The row of the image; raises ValueError if the field is empty."""
        from imagemill.contrib.django import tracking  # noqa: PLC0415 - it needs the models

        name = self._required_name
        if self._row is None or self._row.key != name:
            self._row = tracking.current(name, self._images, self._known)
        return self._row

    @property
    def _required_name(self) -> str:
        if not self.name:
            raise ValueError(f"the field {self.field.name!r} has no image")
        return self.name

    @property
    def _preset(self) -> str:
        return str(getattr(self.field, "preset", ""))

    @property
    def _images(self) -> ImageStorage:
        return as_image_storage(self.storage)

    def remember(self, row: "Image | None") -> None:
        """Use a row that was read for several instances at once, if it needs no renewal."""
        self._known = row

    def refresh(self) -> "Image":
        """Ask the storage for the state of the image; raises ImagemillError."""
        from imagemill.contrib.django import tracking  # noqa: PLC0415 - as above

        self._row = tracking.refresh(self._required_name, self._images)
        return self._row

    @property
    def state(self) -> ImageState:
        """Everything that is known about the image; empty without one."""
        return self.image.current if self.name else _NOTHING

    @property
    def status(self) -> str:
        """`pending`, `ready`, `rejected`, `failed` or `deleted`; empty without an image."""
        return self.image.status if self.name else ""

    @property
    def is_ready(self) -> bool:
        """Whether the renditions can be shown."""
        return self.status == "ready"

    @property
    def renditions(self) -> "Mapping[str, Rendition]":
        """The renditions by the name of their preset; none until the image is ready."""
        return self.state.renditions

    @property
    def url(self) -> str:
        """The address of the field's preset, else of the largest whole rendition.

        It is empty until the image is ready. Raises ValueError without an image.
        """
        state = self.image.current
        if self._preset:
            found = state.renditions.get(self._preset)
            return found.url if found else ""
        if state.picture:
            return state.picture.src
        largest = max(state.renditions.values(), key=lambda each: each.width, default=None)
        return largest.url if largest else ""

    @property
    def original_url(self) -> str:
        """An address of the uploaded file; on a stack it works for 15 minutes."""
        return str(self.storage.url(self._required_name))

    @property
    def srcset(self) -> str:
        """The files of the whole image, for the attribute of the same name; may be empty."""
        picture = self.state.picture
        return picture.srcset if picture else ""

    @property
    def width(self) -> int | None:
        """The width of the original as displayed, px."""
        return self.state.width

    @property
    def height(self) -> int | None:
        """The height of the original as displayed, px."""
        return self.state.height

    @property
    def placeholder(self) -> str:
        """The ThumbHash in base64; may be empty."""
        return self.state.placeholder

    @property
    def colour(self) -> str:
        """The dominant colour as `#rrggbb`; may be empty."""
        return self.state.colour

    def picture(
        self, alt: str = "", sizes: str = "100vw", preset: str = "", **attributes: str
    ) -> SafeString:
        """Return the HTML of the template tag `picture`."""
        if not self.name:
            return SafeString()
        chosen = preset or ("" if self.state.picture else self._preset)
        if not chosen:
            return picture_html(self.state, alt, sizes, attributes)
        return rendition_html(self.state, self.renditions.get(chosen), alt, attributes)

    def save(self, name: str, content: "File[Any]", save: bool = True) -> None:  # noqa: FBT001, FBT002 - as in the base
        """Upload an image; its state is pending afterwards, or final with LocalStorage."""
        from imagemill.contrib.django import tracking  # noqa: PLC0415 - as above

        super().save(name, content, save=False)
        self._row = tracking.begin(self._required_name, self._images)
        if save:
            self.instance.save()

    def delete(self, save: bool = True) -> None:  # noqa: FBT001, FBT002 - as in the base
        """Delete the image: its original, its renditions and its row."""
        from imagemill.contrib.django import tracking  # noqa: PLC0415 - as above

        name = self.name
        self._row = self._known = None
        super().delete(save)
        if name:
            tracking.forget(name)
