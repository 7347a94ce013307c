"""The program of a worker process: read a job from stdin, render, answer on stdin, repeat.

Stdin is a socket to the function's process. The worker ends when that process does, when it has
grown, and after a number of images, so that whatever images leave behind in a process is gone.
"""

import gc
import logging
import os
import signal
import sys
import warnings
from dataclasses import replace
from importlib import import_module
from io import BufferedReader
from typing import Protocol

from imagemill.errors import ImageRejected
from imagemill.imaging import fastjpeg, fastpng
from imagemill.imaging.fastjpeg import machine_code
from imagemill.imaging.limits import Limits
from imagemill.imaging.malloc import (
    keep_freed_memory,
    peak_bytes,
    resident_bytes,
    return_freed_memory,
)
from imagemill.imaging.rendered import Rendered
from imagemill.imaging.worker.confinement import close_inherited_files, confine
from imagemill.imaging.worker.hidden_memory import hide_memory
from imagemill.imaging.worker.messages import Answer, Job, encode_answer, read_job
from imagemill.imaging.worker.shared_memory import MEMORY_FILE, SOCKET_FILE, map_to_read
from imagemill.recipe import Recipe

# Modules that reading EXIF, turning an image upright and writing a profile load on first use.
_PRELOADED = ("PIL.JpegImagePlugin", "PIL.TiffImagePlugin", "PIL.ImageOps", "encodings.utf_16_be")
# Images that one worker renders. Starting a worker takes about as long as rendering five images, so
# this adds 0.5%.
_MOST_IMAGES = 1_000
# Part of an image's memory limit that may stay in the process after it: the next image may use the
# other half, or returns the first.
_KEPT_SHARE = 2


class Renderer(Protocol):
    """A function like `imaging.gzipped.render_stored`."""

    def __call__(
        self, data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, described: bool
    ) -> Rendered:
        """Render one image; raises ImageRejected."""


def main(renderer: str, files: int) -> None:
    """Work until the function's process ends.

    `renderer` is `module:function`. `files` is the number of files that the process has opened: the
    socket, and the shared memory where it exists.
    """
    # The terminal's Ctrl-C is for the function's process, whose end is this one's.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A fork has the handlers of the function's process.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    close_inherited_files(MEMORY_FILE + files - 1)
    # A fork has Lambda's log handler, whose file is closed now: a line of a library would fail, and
    # the library would take that for an error of the image.
    logging.disable()
    # Warnings of libraries go to the function's log, and an image can cause any number of them.
    warnings.simplefilter("ignore")
    hide_memory()
    # Loading modules leaves no garbage, and searching for it takes 5% of a cold start.
    gc.disable()
    module, function = renderer.split(":")
    render = getattr(import_module(module), function)
    # A fork has the count of the function's process.
    compiled = fastjpeg.compilations()
    _preload()
    # What is loaded stays: the collector need not look at it after every few images.
    gc.freeze()
    gc.enable()
    confine()
    machine_code.keep_nothing()
    with open(SOCKET_FILE, "rb", closefd=False) as jobs:
        _work(render, jobs, compiled)


def _preload() -> None:
    """Load what nearly every JPEG needs; decoders of other formats are loaded on first use."""
    for module in _PRELOADED:
        import_module(module)
    # A fork of a process that has used the decoders has closed the files behind their memory.
    fastjpeg.forget()
    fastpng.forget()
    if jxl := sys.modules.get("imagemill.imaging.jxl.sandbox"):
        jxl.forget()
    fastjpeg.prepare()
    keep_freed_memory()


def _work(render: Renderer, jobs: BufferedReader, reported: int) -> None:
    """Answer jobs until the other end is closed.

    `reported` is the number of decoders that were compiled before the worker began.
    """
    own_bytes = resident_bytes()
    for number in range(1, _MOST_IMAGES + 1):
        try:
            job = read_job(lambda size: _read(jobs, size), map_to_read)
        except EOFError:
            return
        # A worker whose parent was killed ends too, even if its decoder hangs.
        signal.alarm(job.most_s)
        result = _result(render, job)
        signal.alarm(0)
        if isinstance(result, Rendered):
            result = replace(result, compiled=fastjpeg.compilations() - reported)
            reported += result.compiled
        is_usual = isinstance(result, Rendered | ImageRejected)
        keeps = is_usual and _is_small(own_bytes + job.limits.max_memory_bytes // _KEPT_SHARE)
        is_last = not keeps or number == _MOST_IMAGES
        try:
            _send(encode_answer(Answer(result, is_last)))
        except BrokenPipeError:
            return
        if is_last:
            return


def _result(render: Renderer, job: Job) -> Rendered | Exception:
    try:
        return render(
            job.data,
            job.recipe,
            job.limits,
            sandboxed=job.sandboxed,
            described=job.described,
        )
    # The outermost edge of the worker: every error is reported.
    except Exception as fault:  # noqa: BLE001
        return fault


def _is_small(most_bytes: int) -> bool:
    """Return memory to the kernel if necessary; return False if too much is still in use."""
    # The peak is a cheaper question than the present use.
    if peak_bytes() <= most_bytes or resident_bytes() <= most_bytes:
        return True
    return_freed_memory()
    return resident_bytes() <= most_bytes


def _read(jobs: BufferedReader, size: int) -> bytes:
    found = jobs.read(size)
    if len(found) < size:
        raise EOFError
    return found


def _send(parts: list[bytes]) -> None:
    """Send all parts, in one call if the socket takes them at once."""
    unsent = [memoryview(part) for part in parts if part]
    while unsent:
        sent = os.writev(SOCKET_FILE, unsent)
        while unsent and sent >= len(unsent[0]):
            sent -= len(unsent.pop(0))
        if sent:
            unsent[0] = unsent[0][sent:]
