"""The table of photos."""

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import imagemill.contrib.django.fields


class Migration(migrations.Migration):
    """Create the table."""

    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = []
    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="Photo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("caption", models.CharField(max_length=80)),
                (
                    "image",
                    imagemill.contrib.django.fields.ImageRenditionField(
                        delete_orphans=True, upload_to=""
                    ),
                ),
            ],
        ),
    ]
