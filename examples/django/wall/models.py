"""The photos on the wall."""

from django.db import models

from imagemill.contrib.django.fields import ImageRenditionField


class Photo(models.Model):
    """A photo with its caption; its image is deleted with it."""

    caption: "models.CharField[str, str]" = models.CharField(max_length=80)
    image = ImageRenditionField(delete_orphans=True)

    def __str__(self) -> str:
        return self.caption
