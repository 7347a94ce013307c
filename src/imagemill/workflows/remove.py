"""Remove: an original is gone, so everything made from it goes, and a tombstone stays."""

from dataclasses import replace

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.keys import rendition_key
from imagemill.catalog.record import ImageRecord, deleted, succeeding
from imagemill.workflows.process import Outcome, Workshop, process


def remove(event: ObjectEvent, shop: Workshop, attempt: int = 1) -> Outcome:
    """Bring renditions and record to what a removed original demands.

    When only one version was erased the bucket is asked what stands there now: an older version
    that came back to light is processed as this event's news, one that stood all along is left.
    Raises TransientFault when a store fails; the event may then be tried again.
    """
    before = shop.records.get(event.id)
    if before and before.sequencer > event.sequencer:
        return Outcome.SUPERSEDED
    current = _still_there(event, shop)
    if current is None:
        return _bury(event, shop, before)
    if before and (before.version_id, before.status) == (current.version_id, "ready"):
        return Outcome.DUPLICATE
    return process(current, shop, attempt)


def _still_there(event: ObjectEvent, shop: Workshop) -> ObjectEvent | None:
    if event.change is not Change.VERSION_DELETED:
        return None
    current = shop.originals.current(event.key)
    return current and replace(current, sequencer=event.sequencer)


def _bury(event: ObjectEvent, shop: Workshop, before: ImageRecord | None) -> Outcome:
    """Tombstone first: from then on no resize can list a rendition again, and ours may go."""
    tombstone = succeeding(deleted(event, shop.clock.now_s()), before)
    if not shop.records.put(tombstone):
        return Outcome.SUPERSEDED
    usual = {rendition_key(preset.name, event.key) for preset in shop.recipe.presets}
    for key in sorted(usual.union(tombstone.leftovers)):
        shop.renditions.discard(key, event.sequencer)
    return Outcome.DELETED
