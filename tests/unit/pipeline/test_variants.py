"""Variants of former versions are removed once the record is written."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes.events import created, removed
from fakes.images import jpeg
from fakes.pipeline import Pipeline, deployed
from fakes.stores import FakeVariantKeys
from fakes.variants import request_of

from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.reconciliation import Concern, Reconciliation
from imagemill.domain.record import ImageRecord, precedence_of
from imagemill.domain.rendition_metadata import Placement, Precedence, RenditionMetadata
from imagemill.errors import StoreUnavailable, TransientFault
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.parallel import in_parallel

STORED, REGISTERED = request_of("a.jpg", "20x.jpg"), request_of("a.jpg", "x40_q75.webp")
OTHERS = request_of("b.jpg", "20x.jpg")
ANOTHER = replace(created(sequencer="02", version_id="v2"), etag="e2")
Act = Callable[["OnRequest"], object]


class OnRequest(Pipeline):
    """The pipeline with an image that has a stored variant, and one in the making."""

    def __init__(self) -> None:
        super().__init__()
        self.variants = FakeVariantKeys(self.renditions)
        self.deps = replace(self.deps, variants=self.variants)
        self.put(created())
        self.former = precedence_of(self.record)
        self.store(STORED.key, self.former)
        self.store(OTHERS.key, self.former)
        self.variants.registry.acquire(REGISTERED, "01", 0)

    def store(self, key: str, precedence: Precedence) -> Placement:
        metadata = RenditionMetadata(precedence, "image/jpeg", "inline")
        return self.renditions.put(key, b"variant", metadata, may_replace=True).placement

    def change(self, event: ObjectEvent = ANOTHER) -> None:
        self.put(event, jpeg(9, 9))


ACTS: dict[str, Act] = {
    "overwrite": lambda image: image.change(),
    "overwrite with no image": lambda image: image.put(ANOTHER, b"words"),
    "copy onto itself": lambda image: image.put(created(sequencer="02", version_id="v2")),
    "delete": lambda image: handle_task(removed(), image.deps),
    "delete a version": lambda image: handle_task(
        removed(change=Change.VERSION_DELETED), image.deps
    ),
    "deploy": lambda image: handle_task(created(), deployed(image.deps, "p=30")),
    "make again": lambda image: handle_task(
        Reconciliation("a.jpg", frozenset({Concern.STALE})), deployed(image.deps, "p=30")
    ),
}


@pytest.fixture
def image() -> OnRequest:
    return OnRequest()


@pytest.mark.parametrize("act", ACTS)
def test_a_change_removes_every_variant_of_the_image_and_none_of_others(
    image: OnRequest, act: str
) -> None:
    ACTS[act](image)

    closed = [key for key in image.renditions.markers if key.startswith("~t/")]
    assert sorted(closed) == sorted([STORED.key, REGISTERED.key])
    assert OTHERS.key in image.renditions.objects


@pytest.mark.parametrize("act", ACTS)
def test_a_variant_of_the_former_version_is_stored_no_more(image: OnRequest, act: str) -> None:
    ACTS[act](image)

    late = [image.store(key, image.former) for key in (STORED.key, REGISTERED.key)]

    assert late == [Placement.SKIPPED, Placement.SKIPPED]


@pytest.mark.parametrize("act", sorted(ACTS.keys() - {"delete", "overwrite with no image"}))
def test_variants_of_the_new_version_can_be_stored_at_once(image: OnRequest, act: str) -> None:
    ACTS[act](image)

    assert image.store(STORED.key, precedence_of(image.record)) is Placement.REPLACED


def test_a_new_image_is_not_searched_for_variants(image: OnRequest) -> None:
    image.variants.calls.clear()

    image.put(created("new.jpg"))

    assert image.variants.calls == []


@pytest.mark.parametrize("act", ["overwrite", "delete"])
@pytest.mark.parametrize("attempt", [1, 2])
def test_a_delivery_after_a_killed_one_removes_the_variants(
    image: OnRequest, act: str, attempt: int
) -> None:
    whole = image.deps
    image.deps = replace(whole, variants=Unavailable())
    with pytest.raises(TransientFault):
        ACTS[act](image)
    image.deps = whole

    event = ANOTHER if act == "overwrite" else removed()
    handle_task(event, whole, attempt)

    assert STORED.key in image.renditions.markers


@pytest.mark.parametrize("keep", [True, False])
def test_a_reconciliation_removes_a_variant_that_it_names_if_it_is_stale(
    image: OnRequest, *, keep: bool
) -> None:
    image.change()
    own = precedence_of(image.record)
    image.renditions.markers.clear()
    image.store(STORED.key, own if keep else image.former)

    handle_task(Reconciliation("a.jpg", renditions=(STORED.key,)), image.deps)

    assert (STORED.key in image.renditions.objects) is keep


@pytest.mark.parametrize("count", [0, 1, 40])
def test_each_of_many_variants_is_removed_in_parallel(image: OnRequest, count: int) -> None:
    image.deps = replace(image.deps, for_each=in_parallel)
    many = [request_of("a.jpg", f"{number}x.jpg").key for number in range(30, 30 + count)]
    for key in many:
        image.store(key, image.former)

    image.change()

    closed = {key for key in image.renditions.markers if key.startswith("~t/")}
    assert closed == {*many, STORED.key, REGISTERED.key}


def test_an_error_at_one_of_many_variants_leaves_none_of_the_others() -> None:
    done: list[str] = []

    def fail_at_b(key: str) -> None:
        if key == "b":
            raise StoreUnavailable("no answer")
        done.append(key)

    with pytest.raises(StoreUnavailable):
        in_parallel(fail_at_b, list("abcd"))

    assert sorted(done) == ["a", "c", "d"]


def test_variants_stay_where_none_are_made_on_request(image: OnRequest) -> None:
    image.deps = replace(image.deps, variants=None)

    image.change()

    assert STORED.key in image.renditions.objects


def test_the_record_is_written_before_variants_are_searched_for(image: OnRequest) -> None:
    found: list[ImageRecord] = []

    class Looking(FakeVariantKeys):
        def of_image(self, image_id: str) -> frozenset[str]:
            found.append(image.record)
            return super().of_image(image_id)

    image.deps = replace(image.deps, variants=Looking(image.renditions))

    image.change()

    assert [(record.status, record.sequencer) for record in found] == [("ready", "02")]


class Unavailable:
    """A search for variants that fails."""

    def of_image(self, image_id: str) -> frozenset[str]:
        del image_id
        raise StoreUnavailable("no answer")
