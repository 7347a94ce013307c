"""Models with images."""

from django.db import models

from imagemill.contrib.django.fields import ImageRenditionField


class Product(models.Model):
    """A product, whose image stays when it is deleted."""

    name: "models.CharField[str, str]" = models.CharField(max_length=40)
    photo = ImageRenditionField(blank=True)

    def __str__(self) -> str:
        return self.name


class Banner(models.Model):
    """A banner, whose image is deleted with it."""

    image = ImageRenditionField(preset="square", delete_orphans=True, blank=True)

    def __str__(self) -> str:
        return str(self.image)


class Post(models.Model):
    """The model of docs/django.md."""

    title: "models.CharField[str, str]" = models.CharField(max_length=80)
    photo = ImageRenditionField(blank=True)

    def __str__(self) -> str:
        return self.title
