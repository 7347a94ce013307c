import fcntl
import hashlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.images import encoded, jpeg
from fakes.renderers import report

from imagemill.errors import Crashed, NotAnImage, TimedOut
from imagemill.imaging import (
    DEFAULT_LIMITS,
    Limits,
    Rendered,
    fastjpeg,
    fastpng,
    render,
    worker_process,
)
from imagemill.imaging.worker.shared_memory import OriginalMemory, create_memory
from imagemill.imaging.worker_process import WorkerPool, render_isolated
from imagemill.recipe import DEFAULT_RECIPE, Recipe

MIB = 1 << 20


class Pool:
    """A pool whose workers render with a function of `fakes.renderers`."""

    def __init__(self, renderer: str) -> None:
        self.pool = WorkerPool(f"fakes.renderers:{renderer}")

    def render(
        self, data: bytes = b"", limits: Limits = DEFAULT_LIMITS, timeout_s: float = 120
    ) -> Rendered:
        return self.pool.render(data, DEFAULT_RECIPE, limits, timeout_s, sandboxed=True)

    def close(self) -> None:
        self.pool.close()


@pytest.fixture
def deadly() -> Iterator[Pool]:
    """Return a pool whose workers die from b"poison"."""
    with closing(Pool("die")) as pool:
        yield pool


def test_a_worker_gives_the_same_renditions() -> None:
    data, recipe = jpeg(900, 600, orientation=6), Recipe.parse("b=300, a=80:webp, 90:png")

    apart = render_isolated(data, recipe, DEFAULT_LIMITS, 120)

    assert replace(apart, compiled=0) == render(data, recipe, DEFAULT_LIMITS)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
def test_a_fork_does_not_need_the_sandboxes_of_its_parent(image_format: str) -> None:
    data, recipe = encoded(200, 100, image_format), Recipe.parse("50:png")
    fastjpeg.forget()
    fastpng.forget()
    # In a thread: each keeps a sandbox of its own, and a fork has only those of the one that forks.
    with ThreadPoolExecutor(1) as thread:
        here = thread.submit(render, data, recipe, DEFAULT_LIMITS).result()

    with closing(WorkerPool()) as pool:
        pool.fork()
        apart = pool.render(data, recipe, DEFAULT_LIMITS, 120, sandboxed=True)

    assert apart.sandbox == "drawn"
    assert replace(apart, compiled=0) == here


class _LogPipe(logging.Handler):
    """Writes to a file of its process without catching errors, as the handler of Lambda does."""

    def __init__(self) -> None:
        super().__init__()
        self.reader, self.writer = os.pipe()

    def emit(self, record: logging.LogRecord) -> None:
        os.write(self.writer, self.format(record).encode() + b"\n")


@pytest.fixture
def lambda_log() -> Iterator[_LogPipe]:
    """Log every line of every library, as the functions do until their first invocation."""
    handler, root = _LogPipe(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)
    os.close(handler.reader)
    os.close(handler.writer)


@pytest.mark.parametrize("data", [encoded(200, 100, "PNG"), encoded(200, 100, "TIFF")])
def test_a_fork_writes_no_log(lambda_log: _LogPipe, data: bytes) -> None:
    with closing(WorkerPool()) as pool:
        pool.fork()
        pool.render(data, DEFAULT_RECIPE, DEFAULT_LIMITS, 120, sandboxed=True)

    os.set_blocking(lambda_log.reader, False)
    with pytest.raises(BlockingIOError):
        os.read(lambda_log.reader, 1)


def test_warnings_of_libraries_are_not_written(capfd: pytest.CaptureFixture[str]) -> None:
    with closing(Pool("warn")) as pool:
        pool.render()

    assert capfd.readouterr() == ("", "")


def test_the_garbage_collector_of_a_worker_is_on() -> None:
    with closing(Pool("collector")) as pool:
        assert pool.render().warnings == ("True",)


def test_a_rejection_in_the_worker_is_raised() -> None:
    with pytest.raises(NotAnImage) as caught:
        render_isolated(b"words, words, words", DEFAULT_RECIPE, DEFAULT_LIMITS, 120)

    assert caught.value.code == "not_an_image"


def test_a_worker_gets_the_image_and_the_terms() -> None:
    limits = replace(DEFAULT_LIMITS, max_side=77)
    with closing(Pool("nothing")) as pool:
        rendered = pool.pool.render(bytes(3 * MIB), DEFAULT_RECIPE, limits, 120, sandboxed=False)

    assert rendered == report(str(3 * MIB), str(DEFAULT_RECIPE), "77", "False")


# Bytes: within the shared memory, all of it, and more than it has.
@pytest.mark.parametrize("size", [3 * MIB, 16 * MIB, 16 * MIB + 1])
def test_a_file_of_any_size_arrives_unchanged(size: int) -> None:
    data = os.urandom(size)
    with closing(Pool("digest")) as pool:
        rendered = pool.render(data)

    assert rendered.warnings == (hashlib.sha256(data).hexdigest(),)


def test_a_short_file_after_a_long_one_arrives_without_its_end() -> None:
    with closing(Pool("digest")) as pool:
        pool.render(b"longer")
        rendered = pool.render(b"short")

    assert rendered.warnings == (hashlib.sha256(b"short").hexdigest(),)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shares memory with a worker")
@pytest.mark.parametrize("size", [2, 0, 16 * MIB + 1])
def test_a_worker_finds_nothing_of_the_image_before(size: int) -> None:
    with closing(Pool("remains")) as pool:
        pool.render(b"longer")
        rendered = pool.render(bytes(size))

    assert rendered.warnings == ("",)


def test_a_file_arrives_where_no_memory_can_be_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "create_memory", lambda: None)
    data = os.urandom(MIB)
    with closing(Pool("digest")) as pool:
        rendered = pool.render(data)

    assert rendered.warnings == (hashlib.sha256(data).hexdigest(),)


@pytest.mark.skipif(sys.platform != "linux", reason="seals are Linux's")
def test_memory_that_cannot_be_sealed_is_not_shared() -> None:
    file = create_memory()
    assert file is not None
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SEAL)

    with pytest.raises(OSError, match="not permitted"):
        OriginalMemory(file)
    os.close(file)


def test_a_worker_renders_one_image_after_another(deadly: Pool) -> None:
    deadly.render(b"fine")
    first = deadly.pool.idle
    deadly.render(b"fine")

    assert len(first) == 1
    assert deadly.pool.idle == first


def test_a_forked_worker_renders_the_first_image(deadly: Pool) -> None:
    deadly.pool.fork()
    deadly.pool.fork()
    started = deadly.pool.idle
    deadly.render(b"fine")

    assert len(started) == 1
    assert deadly.pool.idle == started


def test_images_rendered_at_the_same_time_have_a_worker_each(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with closing(Pool("wait_for_file")) as pool, ThreadPoolExecutor(2) as threads:
        both = [threads.submit(pool.render, os.fsencode(gate)) for _ in range(2)]
        wait_for_workers(2)
        gate.touch()
        for each in both:
            each.result()

        assert len(set(pool.pool.idle)) == 2


def test_a_decoder_crash_is_raised_as_crashed(deadly: Pool) -> None:
    with pytest.raises(Crashed):
        deadly.render(b"poison")

    assert deadly.render(b"fine").warnings[0] == "4"


def test_a_worker_that_died_while_it_waited_is_replaced(deadly: Pool) -> None:
    deadly.render(b"fine")
    [waiting] = deadly.pool.idle
    os.kill(waiting, signal.SIGKILL)
    wait_for_end(waiting)

    assert deadly.render(b"fine").warnings[0] == "4"
    assert deadly.pool.idle != [waiting]


def test_a_decoder_that_hangs_is_ended(tmp_path: Path) -> None:
    here = tmp_path / "file"
    here.touch()
    started = time.monotonic()
    with closing(Pool("hang")) as pool:
        with pytest.raises(TimedOut):
            pool.render(os.fsencode(here), timeout_s=0.2)

        assert children() == []
        assert pool.pool.idle == []
    assert time.monotonic() - started < 300


def test_an_unexpected_error_is_raised_and_its_worker_replaced() -> None:
    with closing(Pool("divide_by_zero")) as pool:
        with pytest.raises(RuntimeError, match="ZeroDivisionError while rendering"):
            pool.render()

        assert pool.pool.idle == []


def test_a_worker_reports_the_decoders_that_it_has_compiled_since_its_last_image() -> None:
    with closing(Pool("compile_decoder")) as pool:
        reported = [pool.render(data).compiled for data in (b"0", b"2", b"0", b"1")]

    assert reported == [0, 2, 0, 1]


def test_a_worker_that_has_grown_is_replaced() -> None:
    limits = replace(DEFAULT_LIMITS, max_memory_bytes=40 * MIB)
    with closing(Pool("grow")) as pool:
        pool.render(b"%d" % MIB, limits)
        small = pool.pool.idle
        pool.render(b"%d" % (20 * MIB), limits)

        assert len(small) == 1
        assert pool.pool.idle == []


def test_a_worker_is_replaced_after_a_thousand_images(deadly: Pool) -> None:
    workers = set()
    for _ in range(1_001):
        deadly.render(b"fine")
        workers |= set(deadly.pool.idle)

    assert len(workers) == 2


@pytest.mark.parametrize(
    "sent",
    [b"\0\0\0\x02{}", b"\0\0\0\x04text", b"\xff\xff\xff\xff", b"\0\0\0\x02[]", b"\0\0\0\x01\xff"],
    ids=["empty", "text", "long", "list", "bytes"],
)
def test_an_answer_of_another_form_counts_as_a_crash(sent: bytes) -> None:
    with closing(Pool("babble")) as pool:
        with pytest.raises(Crashed):
            pool.render(sent)

        assert pool.pool.idle == []


def test_a_worker_that_says_more_than_its_answer_is_replaced() -> None:
    with closing(Pool("chatter")) as pool:
        pool.render(b"more")
        [first] = pool.pool.idle
        pool.render(b"more")

        assert pool.pool.idle != [first]


def test_a_waiting_worker_has_loaded_everything_for_a_jpeg() -> None:
    with closing(Pool("loaded")) as pool:
        rendered = pool.render(jpeg(900, 600, orientation=6))

    assert rendered.warnings == ()


@pytest.mark.parametrize("renderer", ["nothing", "hang"])
def test_a_worker_whose_parent_was_killed_ends_too(renderer: str, tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    program = (
        "import os, signal, sys, threading, time\n"
        "from imagemill.imaging.worker_process import WorkerPool\n"
        "from imagemill.imaging import DEFAULT_LIMITS\n"
        "from imagemill.recipe import DEFAULT_RECIPE\n"
        "pool = WorkerPool(f'fakes.renderers:{sys.argv[1]}')\n"
        "pool.fork()\n"
        "print(*pool.idle, flush=True)\n"
        "def kill():\n"
        "    time.sleep(0.5)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "threading.Thread(target=kill).start()\n"
        "pool.render(os.fsencode(sys.argv[2]), DEFAULT_RECIPE, DEFAULT_LIMITS, 1, sandboxed=True)\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program, renderer, str(tmp_path / "here")],
        capture_output=True,
        timeout=120,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )

    assert ended.returncode == -signal.SIGKILL
    wait_for_end(int(ended.stdout))


def test_a_fork_leaves_the_workers_to_its_parent() -> None:
    render_isolated(jpeg(60, 40), DEFAULT_RECIPE, DEFAULT_LIMITS, 120)
    child = os.fork()
    if not child:
        with suppress(BaseException):
            render_isolated(jpeg(60, 40), DEFAULT_RECIPE, DEFAULT_LIMITS, 120)
            os._exit(7)
        os._exit(1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert render_isolated(jpeg(60, 40), DEFAULT_RECIPE, DEFAULT_LIMITS, 120).renditions


def children() -> list[int]:
    """Return the worker processes of this process that run with functions for tests."""
    listed = subprocess.run(
        ["ps", "-Aww", "-o", "pid=,ppid=,stat=,args="],  # noqa: S607  # its path differs
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split(None, 3) for line in listed.stdout.splitlines() if "fakes.renderers" in line]
    return [int(pid) for pid, parent, _, _ in rows if int(parent) == os.getpid()]


def wait_for_workers(number: int) -> None:
    deadline = time.monotonic() + 60
    while len(children()) < number and time.monotonic() < deadline:
        time.sleep(0.01)


def wait_for_end(process: int) -> None:
    """Wait until a process has ended; a killed one that is not yet reaped has."""
    while Path(f"/proc/{process}/stat").exists():
        if " Z " in Path(f"/proc/{process}/stat").read_text():
            return
        time.sleep(0.01)
