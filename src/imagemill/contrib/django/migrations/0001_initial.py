"""The table of images."""

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Create the table."""

    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = []
    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="Image",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=1024)),
                ("status", models.CharField(db_index=True, max_length=16)),
                ("state", models.JSONField()),
                ("revision", models.PositiveIntegerField(default=1)),
                ("checked_at", models.DateTimeField()),
            ],
            options={"verbose_name": "image", "verbose_name_plural": "images"},
        ),
    ]
