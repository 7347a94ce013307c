"""A file in the memory of a worker is rendered without a copy, and can be found again."""

import hashlib
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from imagemill.errors import CorruptImage
from imagemill.imaging import DEFAULT_LIMITS, worker_process
from imagemill.imaging.shared_file import SharedFile, find_file, render_file, share_memory
from imagemill.imaging.worker_process import WorkerPool
from imagemill.recipe import DEFAULT_RECIPE

MIB = 1 << 20
pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux shares memory with a worker"
)


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    """Return a pool with one worker, which reports the hash of a file."""
    with closing(WorkerPool("fakes.renderers:digest")) as made:
        made.fork()
        yield made


def shared(pool: WorkerPool, data: bytes) -> SharedFile:
    """Return a file that was written to the memory of a worker."""
    file = share_memory(len(data), pool)
    assert file
    file.content[:] = data
    return file


def rendered(file: SharedFile) -> str:
    """Return the report of the worker."""
    made = file.render(DEFAULT_RECIPE, DEFAULT_LIMITS, 120, sandboxed=True, described=True)
    return made.warnings[0]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_file_that_is_written_to_the_memory_arrives(pool: WorkerPool) -> None:
    data = os.urandom(3 * MIB)

    assert rendered(shared(pool, data)) == digest(data)
    assert len(pool.idle) == 1


def test_a_worker_finds_nothing_of_the_image_before_behind_a_written_file() -> None:
    with closing(WorkerPool("fakes.renderers:remains")) as pool:
        pool.fork()
        rendered(shared(pool, b"longer"))

        assert rendered(shared(pool, b"\0\0")) == ""


def test_a_worker_with_a_file_in_its_memory_takes_no_other(pool: WorkerPool) -> None:
    file = shared(pool, b"one")

    other = pool.render(b"two", DEFAULT_RECIPE, DEFAULT_LIMITS, 120, sandboxed=True)

    assert (rendered(file), other.warnings) == (digest(b"one"), (digest(b"two"),))


def test_a_worker_whose_file_is_dropped_waits_again(pool: WorkerPool) -> None:
    before = pool.idle
    file = shared(pool, b"dropped")
    meanwhile = pool.idle

    del file

    assert (meanwhile, pool.idle) == ([], before)


def test_a_file_outlives_its_worker(pool: WorkerPool) -> None:
    [pid] = pool.idle
    file = shared(pool, b"the file")
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    assert rendered(file) == digest(b"the file")


def test_a_file_over_16_mib_has_no_memory(pool: WorkerPool) -> None:
    before = pool.idle

    assert share_memory(16 * MIB + 1, pool) is None
    assert pool.idle == before


def test_a_file_has_no_memory_without_a_worker_that_waits() -> None:
    with closing(WorkerPool("fakes.renderers:digest")) as pool:
        assert share_memory(1, pool) is None


def test_a_file_has_no_memory_where_none_can_be_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "create_memory", lambda: None)
    with closing(WorkerPool("fakes.renderers:digest")) as pool:
        pool.fork()

        assert share_memory(1, pool) is None
        assert find_file(None, pool) is None
        assert len(pool.idle) == 1


def test_bytes_are_rendered_as_in_a_worker_of_its_own() -> None:
    with pytest.raises(CorruptImage):
        render_file(b"\xff\xd8\xff\xe0 no image", DEFAULT_RECIPE, DEFAULT_LIMITS, 120)


def test_a_file_in_memory_is_rendered_by_its_worker(pool: WorkerPool) -> None:
    file = shared(pool, b"the file")

    made = render_file(file, DEFAULT_RECIPE, DEFAULT_LIMITS, 120)

    assert made.warnings == (digest(b"the file"),)


def test_a_rendered_file_is_found_by_its_name(pool: WorkerPool) -> None:
    file = shared(pool, b"the file")
    file.label("name")
    rendered(file)

    again = find_file("name", pool)

    assert again
    assert rendered(again) == digest(b"the file")


@pytest.mark.parametrize("name", ["other", None])
def test_a_file_is_not_found_by_another_name(pool: WorkerPool, name: str | None) -> None:
    file = shared(pool, b"the file")
    file.label("name")
    rendered(file)

    assert find_file(name, pool) is None
    assert len(pool.idle) == 1


def test_a_file_without_a_name_is_not_found(pool: WorkerPool) -> None:
    rendered(shared(pool, b"the file"))

    assert find_file(None, pool) is None


@pytest.mark.parametrize("size", [3, 16 * MIB + 1])
def test_a_file_that_was_replaced_is_not_found(pool: WorkerPool, size: int) -> None:
    file = shared(pool, b"the file")
    file.label("name")
    rendered(file)
    pool.render(bytes(size), DEFAULT_RECIPE, DEFAULT_LIMITS, 120, sandboxed=True)

    assert find_file("name", pool) is None


def test_a_file_that_was_not_written_completely_is_not_found(pool: WorkerPool) -> None:
    file = shared(pool, b"the file")
    file.label("name")
    rendered(file)
    partly = share_memory(8, pool)
    del partly

    assert find_file("name", pool) is None


def test_a_worker_that_has_ended_has_no_file(pool: WorkerPool) -> None:
    file = shared(pool, b"the file")
    file.label("name")
    rendered(file)
    [pid] = pool.idle
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    assert find_file("name", pool) is None
