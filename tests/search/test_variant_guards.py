"""Each guard of variants is needed: without it, the search finds a violation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

import pytest

from imagemill.aws.records_table import RecordsTable
from imagemill.aws.variant_keys import VariantKeys
from imagemill.aws.variant_registry import VariantRegistry
from imagemill.domain.notification import Task
from imagemill.domain.record import ImageRecord, precedence_of
from imagemill.pipeline import endings
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.endings import may_have_variants
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome
from search.test_guards import (
    BlindRenditions,
    DeletingRemoval,
    NoRemoval,
    RashRemoval,
    RemovalWhereSomethingStands,
    SameBytesAgain,
    StaleRecords,
)
from search.visits import complaints, delayed, delayed_replacement, expired, overtaken, two_visitors
from search.world import Guards, World

CHANGES = ["put another", "hide", "put"]
HISTORIES = ["of an image with a variant", "of an image"]


class NoRegistration(VariantRegistry):
    """Gives leases, but registers no variant."""

    def register(self, *_: object) -> bool:
        return True

    def acquire(self, *_: object) -> bool:
        return True


class FirstRecord(RecordsTable):
    """Reads the record once, before the registration, and returns it again."""

    _found: ImageRecord | None = None

    def get(self, image_id: str) -> ImageRecord | None:
        self._found = self._found or super().get(image_id)
        return self._found


class LaggingRegistry(VariantRegistry):
    """Finds registrations without strong consistency."""

    def registered(self, image_id: str) -> frozenset[str]:
        page = self._client.query(
            TableName=self._table,
            KeyConditionExpression="id = :id",
            ExpressionAttributeValues={":id": {"S": image_id}},
        )
        return frozenset(f"~t/{image_id}/{item['variant']['S']}" for item in page["Items"])


class StoredOnly(VariantKeys):
    """Finds no variant in the making."""

    def of_image(self, image_id: str) -> frozenset[str]:
        return super().of_image(image_id) - self._registry.registered(image_id)


class RegisteredOnly(VariantKeys):
    """Finds no variant whose registration has expired."""

    def of_image(self, image_id: str) -> frozenset[str]:
        return self._registry.registered(image_id)


@dataclass(frozen=True)
class FoundBefore:
    """The variants of an image at an earlier time."""

    keys: frozenset[str]

    def of_image(self, image_id: str) -> frozenset[str]:
        del image_id
        return self.keys


def search_first(task: Task, deps: PipelineDeps, attempt: int) -> Outcome:
    """Search for variants before the record is written."""
    assert deps.variants
    found = FoundBefore(deps.variants.of_image(task.id))
    return handle_task(task, replace(deps, variants=found), attempt)


def forget_variants(task: Task, deps: PipelineDeps, attempt: int) -> Outcome:
    """Remove no variant."""
    return handle_task(task, replace(deps, variants=None), attempt)


MISSING: dict[str, dict[str, Any]] = {
    "no registration": {"registry": NoRegistration},
    "no reading of the record after the registration": {"visitor_records": FirstRecord},
    "no consistent reading of the record": {"visitor_records": StaleRecords},
    "no consistent query": {"registry": LaggingRegistry},
    "no query": {"variants": StoredOnly},
    "no listing": {"variants": RegisteredOnly},
    "no search": {"handle": forget_variants},
    "a search before the record": {"handle": search_first},
    "no condition on variants": {"renditions": BlindRenditions},
    "no removing": {"renditions": NoRemoval},
    "no comparing before removing": {"renditions": RashRemoval},
    "no marker": {"renditions": DeletingRemoval},
    "no marker where nothing stands": {"renditions": RemovalWhereSomethingStands},
    "equal bytes with equal ETags": {"renditions": SameBytesAgain},
}


@pytest.mark.parametrize("missing", MISSING)
def test_without_a_guard_a_variant_is_of_another_version(missing: str) -> None:
    make = partial(World, guards=Guards(**MISSING[missing]), on_request=True)

    assert any(violations(make))


def test_with_a_marker_that_is_not_below_the_record_no_variant_can_be_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(endings, "stale_up_to", precedence_of)

    assert any(violations(partial(World, on_request=True)))


def test_without_a_search_in_a_repeated_delivery_a_variant_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def only_after_a_write(record: ImageRecord, before: ImageRecord | None) -> bool:
        return record is not before and may_have_variants(record, before)

    monkeypatch.setattr(endings, "may_have_variants", only_after_a_write)

    assert any(violations(partial(World, on_request=True)))


def violations(make: Callable[[], World]) -> Iterator[bool]:
    """Yield for each end whether there is a violation; a history without an end is one, too."""
    for search, history, act in product(
        (expired, delayed, delayed_replacement, two_visitors, overtaken), HISTORIES, CHANGES
    ):
        try:
            yield any(complaints(search(history, act, make)))
        except AssertionError:
            yield True
