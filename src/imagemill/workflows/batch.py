"""Batch: several messages come in together; one that fails takes no neighbour with it."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from imagemill.catalog.notification import parse_message
from imagemill.catalog.record import ImageRecord
from imagemill.errors import TransientFault
from imagemill.workflows.attend import attend
from imagemill.workflows.room import Room
from imagemill.workflows.workshop import Workshop

_log = logging.getLogger(__name__)


class Bus(Protocol):
    """Where final states are announced."""

    def announce(self, records: Sequence[ImageRecord]) -> frozenset[str]:
        """Tell of these records, and return the ids of those that the bus did not take."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of the queue; `attempt` counts its deliveries from 1."""

    id: str
    body: str
    attempt: int = 1


@dataclass(slots=True)
class _Report:
    """How a delivery went, and which final states it has come to."""

    delivery: Delivery
    done: bool = False
    final: list[ImageRecord] = field(default_factory=list)


def work(deliveries: Sequence[Delivery], shop: Workshop, bus: Bus, room: Room) -> list[str]:
    """Attend to every message; return the ids of those that must come again.

    The messages are worked side by side, so that some are downloaded, stored or recorded while
    others are rendered. What becomes final is announced before a message is done with: one whose
    announcement was not taken comes again.
    """
    with ThreadPoolExecutor(max(1, len(deliveries))) as pool:
        reports = list(pool.map(partial(_attended, shop=shop, room=room), deliveries))
    final = [record for report in reports for record in report.final]
    unheard = _announced(final, bus) if final else frozenset()
    return [report.delivery.id for report in reports if not _is_done(report, unheard)]


def _attended(delivery: Delivery, shop: Workshop, room: Room) -> _Report:
    report = _Report(delivery)
    try:
        for event in parse_message(delivery.body):
            with room.place(replace(shop, announce=report.final.append)) as place:
                outcome = attend(event, place, delivery.attempt)
            facts = {"id": event.id, "outcome": outcome, "attempt": delivery.attempt}
            _log.info("attended", extra=facts)
    except Exception:  # noqa: BLE001  # the outermost edge of one message
        _log.exception("message %s is to come again", delivery.id)
    else:
        report.done = True
    return report


def _announced(final: Sequence[ImageRecord], bus: Bus) -> frozenset[str]:
    """Announce final states; return the ids of those that nobody may have heard of."""
    try:
        return bus.announce(final)
    except TransientFault:
        _log.exception("%s final states could not be announced", len(final))
        return frozenset(record.id for record in final)


def _is_done(report: _Report, unheard: frozenset[str]) -> bool:
    return report.done and unheard.isdisjoint(record.id for record in report.final)
