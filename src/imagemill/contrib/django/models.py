"""The states of the images that the fields of the project name."""

from typing import TYPE_CHECKING

from django.db import models

from imagemill.contrib.django.state import ImageState, from_json, to_json

if TYPE_CHECKING:
    from datetime import datetime


class Image(models.Model):
    """The last known state of one image; webhooks and polls renew it.

    A model with an `ImageRenditionField` has no foreign key to it: the field stores the key of the
    original, from which the id follows. So a row may be missing, and is read again then.
    """

    id: "models.CharField[str, str]" = models.CharField(primary_key=True, max_length=26)
    key: "models.CharField[str, str]" = models.CharField(max_length=1024)
    status: "models.CharField[str, str]" = models.CharField(max_length=16, db_index=True)
    state = models.JSONField()
    revision: "models.PositiveIntegerField[int, int]" = models.PositiveIntegerField(default=1)
    """How often the row was written; a write needs the revision that was read."""
    checked_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField()

    class Meta:
        """Names in the admin."""

        verbose_name = "image"
        verbose_name_plural = "images"

    def __str__(self) -> str:
        return f"{self.key} ({self.status})"

    @property
    def current(self) -> ImageState:
        """The state as a value."""
        return from_json(self.state)

    @classmethod
    def columns(cls, state: ImageState) -> dict[str, object]:
        """Return the columns that have the state."""
        return {"key": state.key, "status": state.status, "state": to_json(state)}
