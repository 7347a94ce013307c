from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes.events import created

from imagemill.domain.event import ObjectEvent
from imagemill.domain.object_version import OriginalFile
from imagemill.domain.stores import Originals, OriginalsIntoMemory
from imagemill.errors import NotAnImage

Put = Callable[[ObjectEvent, bytes], ObjectEvent]
Bucket = tuple[Originals, Put]
BucketIntoMemory = tuple[OriginalsIntoMemory, Put]
LARGE = 2 << 20
KEYS = ["a.jpg", "holiday 2026/été+sun (1).JPG", "x/../y//z", "%2B&=?#.png", "日本/🦊"]


def chosen(event: ObjectEvent) -> tuple[str, str | None]:
    return event.rule, event.focus


@pytest.mark.parametrize("key", KEYS)
def test_a_stored_original_is_read(originals: Bucket, key: str) -> None:
    store, put = originals

    event = put(created(key), b"12345")

    assert event.bytes == 5
    assert store.read(event) == b"12345"


def test_an_event_reads_its_own_version_even_when_overwritten(originals: Bucket) -> None:
    store, put = originals
    first = put(created(version_id="v1"), b"one")
    second = put(created(version_id="v2"), b"two")

    assert store.read(first) == b"one"
    assert store.read(second) == b"two"


def test_a_version_that_is_gone_reads_as_none(originals: Bucket) -> None:
    store, put = originals
    event = put(created(), b"one")

    assert store.read(replace(event, version_id="00000000-0000-0000-0000-000000000000")) is None
    assert store.read(replace(event, key="never")) is None


def test_the_current_version_has_no_sequencer(originals: Bucket) -> None:
    store, put = originals
    put(created(version_id="v1"), b"one")
    second = put(created(version_id="v2"), b"second")

    found = store.current("a.jpg")

    assert found is not None
    assert (found.version_id, found.bytes, found.sequencer) == (second.version_id, 6, "")


def test_each_version_has_what_its_upload_chose(originals: Bucket) -> None:
    store, put = originals
    first = put(replace(created(version_id="v1"), rule="hero", focus="0.3,0.7"), b"one")
    second = put(created(version_id="v2"), b"two")

    assert chosen(store.with_choices(first)) == ("hero", "0.3,0.7")
    assert chosen(store.with_choices(second)) == ("", "")
    assert chosen(store.with_choices(replace(first, key="never"))) == ("", "")
    assert store.fetch(first) == OriginalFile(b"one", "0.3,0.7")
    assert store.fetch(second) == OriginalFile(b"two")
    current = put(replace(created(version_id="v3"), rule="zero", focus="1,0"), b"three")
    found = store.current("a.jpg")
    assert found is not None
    assert (found.version_id, *chosen(found)) == (current.version_id, "zero", "1,0")


def test_an_unknown_key_has_no_current_version(originals: Bucket) -> None:
    store, _ = originals

    assert store.current("never") is None


def test_only_an_empty_object_is_the_marker_of_a_folder(originals: Bucket) -> None:
    store, put = originals
    put(created("albums/"), b"x")
    assert store.current("albums/") is not None

    put(created("albums/", version_id="v2"), b"")

    assert store.current("albums/") is None


def test_the_beginning_of_a_large_file_decides_whether_the_rest_is_read(originals: Bucket) -> None:
    store, put = originals
    event = put(created(), b"not" + bytes(LARGE))
    seen: list[bytes] = []

    with pytest.raises(NotAnImage):
        store.read(event, refuse)
    data = store.read(event, seen.append)

    assert data == b"not" + bytes(LARGE)
    assert [(beginning[:3], len(beginning)) for beginning in seen] == [(b"not", 4_096)]


def test_a_small_file_is_read_with_any_beginning(originals: Bucket) -> None:
    store, put = originals

    event = put(created(), b"not")

    assert store.read(event, refuse) == b"not"


def refuse(beginning: bytes) -> None:
    raise NotAnImage(str(beginning[:3]))


def into(memory: bytearray) -> Callable[[int], memoryview]:
    """Return a function that makes room in the bytes, and returns their memory."""

    def allocate(size: int) -> memoryview:
        memory[:] = bytes(size)
        return memoryview(memory)

    return allocate


@pytest.mark.parametrize("size", [5, LARGE])
def test_an_original_is_read_into_memory(
    originals_into_memory: BucketIntoMemory, size: int
) -> None:
    store, put = originals_into_memory
    event, memory = put(created(), b"x" * size), bytearray()

    assert store.read_into(event, into(memory)) == b""
    assert memory == b"x" * size


def test_an_original_is_returned_without_memory(originals_into_memory: BucketIntoMemory) -> None:
    store, put = originals_into_memory
    event = put(created(), b"one")

    assert store.read_into(event, lambda _: None) == b"one"


def test_a_version_that_is_gone_takes_no_memory(originals_into_memory: BucketIntoMemory) -> None:
    store, put = originals_into_memory
    event, memory = put(created(), b"one"), bytearray()

    assert store.read_into(replace(event, key="never"), into(memory)) is None
    assert memory == b""


def test_the_beginning_in_memory_decides_whether_the_rest_is_read(
    originals_into_memory: BucketIntoMemory,
) -> None:
    store, put = originals_into_memory
    event, seen = put(created(), b"no image " + bytes(LARGE)), []

    def refuse(beginning: bytes) -> None:
        seen.append(len(beginning))
        raise NotAnImage("no")

    with pytest.raises(NotAnImage):
        store.read_into(event, into(bytearray()), refuse)
    assert seen == [4_096]
