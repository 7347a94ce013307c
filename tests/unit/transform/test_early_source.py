"""The source of a variant is read while the lease for it is taken."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from fakes.events import created
from fakes.images import jpeg
from fakes.stores import FakeOriginals
from fakes.transform import Transforms
from fakes.variants import request_of

from imagemill.domain.event import ObjectEvent
from imagemill.errors import NotAnImage
from imagemill.preset import Preset
from imagemill.transform.deps import Share
from imagemill.transform.early_source import Cancelled, EarlySource
from imagemill.transform.source import Source

SOURCE = Source(Preset("variant", 40, 40))
PHOTO = b"\xff\xd8\xff\xe0 photo"
REQUEST = request_of("a.jpg", "40x.webp")


@dataclass
class WatchedOriginals(FakeOriginals):
    """A bucket that tells when the first bytes of an original have arrived."""

    is_read: threading.Event = field(default_factory=threading.Event)

    def read(self, event: ObjectEvent, check: Callable[[bytes], object] = bool) -> bytes | None:
        self.is_read.set()
        return super().read(event, check)


def test_the_bytes_are_read_before_they_are_asked_for() -> None:
    is_read = threading.Event()

    def read(check: Callable[[bytes], object], _: object) -> bytes:
        check(PHOTO)
        is_read.set()
        return PHOTO

    early = EarlySource(created(), SOURCE, read)

    assert is_read.wait(10)
    assert early.result() == PHOTO


def test_an_error_of_the_reading_is_raised_with_the_result() -> None:
    def read(check: Callable[[bytes], object], _: object) -> bytes:
        check(b"no image")
        return b""

    early = EarlySource(created(), SOURCE, read)

    with pytest.raises(NotAnImage):
        early.result()


def test_a_cancelled_reading_ends_with_the_first_bytes() -> None:
    has_begun, is_cancelled, seen = threading.Event(), threading.Event(), []

    def read(check: Callable[[bytes], object], _: object) -> bytes:
        has_begun.set()
        is_cancelled.wait(10)
        check(PHOTO)
        seen.append("the rest")
        return PHOTO

    early = EarlySource(created(), SOURCE, read)
    has_begun.wait(10)
    early.cancel()
    is_cancelled.set()

    with pytest.raises(Cancelled):
        early.result()
    assert seen == []


def test_a_cancelled_reading_takes_no_memory() -> None:
    has_begun, is_cancelled = threading.Event(), threading.Event()
    taken: list[int] = []

    def read(_: object, share: Share) -> bytes:
        has_begun.set()
        is_cancelled.wait(10)
        share(5)
        return PHOTO

    early = EarlySource(created(), SOURCE, read, share=taken.append)
    has_begun.wait(10)
    early.cancel()
    is_cancelled.set()

    with pytest.raises(Cancelled):
        early.result()
    assert taken == []


def test_the_original_is_read_while_the_variant_is_registered() -> None:
    transforms, originals = Transforms(), WatchedOriginals()
    transforms.put()
    originals.versions = transforms.pipeline.originals.versions
    transforms.with_deps(originals=originals)
    seen = []
    transforms.registry.before = lambda: seen.append(originals.is_read.wait(10))

    transforms.get("40x.webp")

    assert seen == [True]
    assert originals.calls == ["read"]


def test_a_large_original_is_read_after_the_registration() -> None:
    transforms, originals = Transforms(), WatchedOriginals()
    transforms.put()
    originals.versions = transforms.pipeline.originals.versions
    transforms.with_deps(originals=originals, max_early_bytes=10)
    seen = []
    transforms.registry.after = lambda: seen.append(originals.is_read.wait(0.05))

    transforms.get("40x.webp")

    assert seen == [False]
    assert originals.calls == ["read"]


def test_an_original_that_was_overwritten_meanwhile_is_read_again() -> None:
    transforms = Transforms()
    transforms.put()
    transforms.registry.before = lambda: transforms.put(
        jpeg(90, 30), created(sequencer="02", version_id="v2")
    )

    transforms.get("40x.webp")

    assert [data for data, _ in transforms.rendered] == [jpeg(90, 30)]


def test_a_request_that_waits_for_another_gives_up_its_reading() -> None:
    transforms = Transforms()
    transforms.put()
    sequencer = transforms.pipeline.record.sequencer
    transforms.registry.acquire(REQUEST, sequencer, transforms.clock.now_s(), 2)
    server, given_up = transforms.server("40x.webp"), []
    transforms.clock.meanwhile = lambda: given_up.append(server.early is None)

    server.serve()

    assert given_up[0]
