from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import imagemill.contrib.django.fields


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = []
    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="Banner",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "image",
                    imagemill.contrib.django.fields.ImageRenditionField(
                        blank=True, delete_orphans=True, preset="square", upload_to=""
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                (
                    "photo",
                    imagemill.contrib.django.fields.ImageRenditionField(blank=True, upload_to=""),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=80)),
                (
                    "photo",
                    imagemill.contrib.django.fields.ImageRenditionField(blank=True, upload_to=""),
                ),
            ],
        ),
    ]
