"""The rows of images: created with an upload, read by pages, renewed by webhooks and polls."""

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial

from django.db import transaction
from django.db.models import F

from imagemill.contrib.django.models import Image
from imagemill.contrib.django.signals import image_changed
from imagemill.contrib.django.state import ImageState
from imagemill.contrib.django.storages import ImageStorage
from imagemill.domain.keys import image_id
from imagemill.errors import ImagemillError

# Attempts to write a state; each failure means that another writer was faster.
_MAX_RACES = 5
# An address that ends sooner is renewed, s: a page that is sent now still has to load its images.
_MARGIN_S = 300
# Seconds for which pages do not wait again for a storage that did not answer.
_QUIET_S = 30
_log = logging.getLogger("imagemill.contrib.django")


def begin(key: str, storage: ImageStorage) -> Image:
    """Return the row of an image that was stored now: pending, or already with its result."""
    return refresh(key, storage) if storage.is_immediate else _get_or_create(key)


def find(key: str) -> Image | None:
    """Return the row of an image, if there is one."""
    return Image.objects.filter(pk=image_id(key)).first()


def find_many(keys: Iterable[str]) -> Mapping[str, Image]:
    """Return the rows of several images by key, with one query."""
    rows = Image.objects.in_bulk([image_id(key) for key in keys])
    return {row.key: row for row in rows.values()}


def forget(key: str) -> None:
    """Delete the row of an image that was deleted."""
    Image.objects.filter(pk=image_id(key)).delete()


def refresh(key: str, storage: ImageStorage) -> Image:
    """Ask the storage for the state of an image, and return the row with it.

    A state is written only if no other was written since it was asked for, so an older state never
    replaces a newer one. Raises ImagemillError if the storage cannot tell.
    """
    row = _get_or_create(key)
    for _ in range(_MAX_RACES):
        state = storage.image_state(key)
        if _write(row, state):
            break
        row = _get_or_create(key)
    return row


def hear(key: str, storage: ImageStorage) -> None:
    """Renew the state of an image that has changed; raises ImagemillError.

    The image may have no row: the news can arrive before the upload is committed. An image that the
    storage does not know gets none.
    """
    if find(key) or storage.image_state(key).status != "deleted":
        refresh(key, storage)


def current(key: str, storage: ImageStorage, known: Image | None = None) -> Image:
    """Return the row of an image, renewed if it is missing, waiting or about to expire.

    `known` is the row if it was read before.

    A storage that does not answer breaks no page: the last known state stays, and no page waits
    for it again for some seconds.
    """
    row = known if known and known.key == key else find(key)
    if row and not _is_due(row, storage):
        return row
    try:
        if time.monotonic() >= storage.quiet_until:
            return refresh(key, storage)
    except ImagemillError as fault:
        storage.quiet_until = time.monotonic() + _QUIET_S
        _log.warning("the state of %s is not known: %s", key, fault)
    return row or Image(pk=image_id(key), **Image.columns(ImageState(key, "pending")))


def _get_or_create(key: str) -> Image:
    pending = Image.columns(ImageState(key, "pending"))
    row, _ = Image.objects.get_or_create(
        pk=image_id(key), defaults={**pending, "checked_at": _now()}
    )
    return row


def _is_due(row: Image, storage: ImageStorage) -> bool:
    ends = row.current.expires_at
    if ends is not None and ends < time.time() + _MARGIN_S:
        return True
    age_s = (_now() - row.checked_at).total_seconds()
    is_asked_again = 0 < storage.poll_s <= age_s
    return row.status == "pending" and is_asked_again


def _write(row: Image, state: ImageState) -> bool:
    """Write a state over the revision that was read; return False if there is a later one."""
    found = Image.objects.filter(pk=row.pk, revision=row.revision)
    columns = {**Image.columns(state), "checked_at": _now()}
    if not found.update(revision=F("revision") + 1, **columns):
        return False
    is_changed = row.current != state
    for name, value in columns.items():
        setattr(row, name, value)
    row.revision += 1
    if is_changed:
        transaction.on_commit(partial(image_changed.send, sender=Image, image=row))
    return True


def _now() -> datetime:
    return datetime.now(UTC)
