"""Ask the stack for the states of images: for a project without webhooks, or after an outage."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from imagemill.contrib.django import tracking
from imagemill.contrib.django.models import Image
from imagemill.contrib.django.storages import as_image_storage, image_storage
from imagemill.errors import ImagemillError


class Command(BaseCommand):
    """`manage.py imagemill_poll`."""

    help = "Ask the stack for the states of pending images, and store them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument("--all", action="store_true", help="every image, not only pending ones")
        parser.add_argument(
            "--every", type=float, metavar="SECONDS", help="repeat after this time, until Ctrl-C"
        )

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 - as in the base
        """Poll once, or again and again."""
        self._poll(every_image=options["all"])
        while options["every"]:
            time.sleep(options["every"])
            self._poll(every_image=options["all"])

    def _poll(self, *, every_image: bool) -> None:
        storage = as_image_storage(image_storage())
        rows = Image.objects.all() if every_image else Image.objects.filter(status="pending")
        for key, former in rows.values_list("key", "status").iterator():
            try:
                status = tracking.refresh(key, storage).status
            except ImagemillError as fault:
                self.stderr.write(f"{key}: {fault}")
                continue
            if status != former:
                self.stdout.write(f"{status:<10}  {key}")
