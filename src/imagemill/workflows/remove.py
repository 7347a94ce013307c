"""Remove: an original is gone, so everything made from it goes, and a tombstone stays."""

from dataclasses import replace

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.keys import rendition_key
from imagemill.catalog.record import ImageRecord, deleted, succeeding
from imagemill.workflows.process import discard_all, process, superseded, until_written
from imagemill.workflows.workshop import Outcome, Workshop


def remove(event: ObjectEvent, shop: Workshop, attempt: int = 1) -> Outcome:
    """Bring renditions and record to what a removed original demands.

    When only one version was erased the bucket is asked what stands there now, and that is made
    as this event's news, even if it was made before: a worker still busy with the erased version
    must find something newer than itself. Raises TransientFault when a store fails; the event may
    then be tried again.
    """
    current = _still_there(event, shop)
    if current is not None:
        return process(current, shop, attempt)
    return until_written(lambda: _bury(event, shop))


def _still_there(event: ObjectEvent, shop: Workshop) -> ObjectEvent | None:
    if event.change is not Change.VERSION_DELETED:
        return None
    current = shop.originals.current(event.key)
    return current and replace(current, sequencer=event.sequencer)


def _bury(event: ObjectEvent, shop: Workshop) -> Outcome | None:
    """Tombstone first: from then on no resize can list a rendition again, and ours may go."""
    before = shop.records.get(event.id)
    if before and before.sequencer > event.sequencer:
        return superseded(event, shop)
    if before and (before.sequencer, before.status) == (event.sequencer, "deleted"):
        return _clear(before, event, shop, Outcome.DUPLICATE)
    tombstone = succeeding(deleted(event, shop.clock.now_s()), before)
    if not shop.records.put(tombstone):
        return None
    return _clear(tombstone, event, shop, Outcome.DELETED)


def _clear(tombstone: ImageRecord, event: ObjectEvent, shop: Workshop, outcome: Outcome) -> Outcome:
    shop.announce(tombstone)
    usual = {rendition_key(preset.name, event.key) for preset in shop.recipe.presets}
    return discard_all(usual.union(tombstone.leftovers), event, shop, outcome)
