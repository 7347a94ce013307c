"""A Django project in the process of the tests, with a database in memory.

An import of the package loads the project, so that its models can be imported.
"""

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import django
from django.conf import settings as in_use
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from imagemill.contrib.django.stack_api import api_at
from shop import settings as of_shop

if not in_use.configured:
    in_use.configure(**{name: each for name, each in vars(of_shop).items() if name.isupper()})
    django.setup()


@contextmanager
def empty_project(media: Path) -> Iterator[None]:
    """Give a test an empty database, whose changes are undone, and a MEDIA_ROOT."""
    _make_tables()
    with override_settings(MEDIA_ROOT=str(media)), transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def storage_options(backend: str, **options: object) -> Iterator[None]:
    """Let the project use another storage for images."""
    storage = {"BACKEND": f"imagemill.contrib.django.{backend}", "OPTIONS": options}
    with override_settings(STORAGES={**in_use.STORAGES, "imagemill": storage}):
        yield


@contextmanager
def closed_at_the_end() -> Iterator[None]:
    """Close the connections to stacks at the end; Python warns of each, as it would at its exit."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        api_at.cache_clear()
        gc.collect()


@lru_cache
def _make_tables() -> None:
    call_command("migrate", verbosity=0)
