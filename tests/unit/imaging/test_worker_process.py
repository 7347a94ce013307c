import os
import signal
import subprocess
import sys
import time

import pytest
from fakes.images import jpeg

from imagemill.errors import Crashed, NotAnImage, TimedOut
from imagemill.imaging import DEFAULT_LIMITS, Limits, Rendered, render
from imagemill.imaging.worker_process import Render, render_isolated
from imagemill.recipe import DEFAULT_RECIPE, Recipe


def isolated(data: bytes, work: Render = render, timeout_s: float = 120) -> Rendered:
    return render_isolated(data, DEFAULT_RECIPE, DEFAULT_LIMITS, timeout_s, work)


def test_a_child_process_gives_the_same_renditions() -> None:
    data = jpeg(900, 600, orientation=6)

    apart = isolated(data)

    assert apart == render(data, DEFAULT_RECIPE, DEFAULT_LIMITS)


def test_a_rejection_in_the_child_is_raised_in_the_parent() -> None:
    with pytest.raises(NotAnImage) as caught:
        isolated(b"words, words, words")

    assert caught.value.code == "not_an_image"


def test_a_decoder_crash_is_raised_as_crashed() -> None:
    with pytest.raises(Crashed):
        isolated(b"poison", die)


def test_a_decoder_that_hangs_is_ended() -> None:
    started = time.monotonic()

    with pytest.raises(TimedOut):
        isolated(b"poison", hang, timeout_s=0.2)

    assert time.monotonic() - started < 300


def test_a_child_whose_parent_was_killed_ends_too() -> None:
    program = (
        "import os, signal, sys, time\n"
        "from imagemill.imaging.worker_process import render_isolated\n"
        "def orphan(*_):\n"
        "    os.kill(os.getppid(), signal.SIGKILL)\n"
        "    time.sleep(0.2)\n"
        "    return bytes(1_000_000)\n"
        "render_isolated(b'', None, None, 60, orphan)\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=120, check=False
    )

    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize("to", ["JPEG", "PNG", "AVIF"])
def test_rendering_in_a_child_imports_no_further_modules(to: str) -> None:
    program = (
        "import sys\n"
        "from io import BytesIO\n"
        "from PIL import Image\n"
        "from imagemill.imaging import DEFAULT_LIMITS, render\n"
        "from imagemill.imaging.fastjpeg.sandbox import prepare\n"
        "from imagemill.imaging.worker_process import render_isolated\n"
        "from imagemill.recipe import Recipe\n"
        "def loaded(*job):\n"
        "    before = set(sys.modules)\n"
        "    render(*job)\n"
        "    return sorted(set(sys.modules) - before)\n"
        "file = BytesIO()\n"
        "Image.new('RGB', (900, 600)).save(file, sys.argv[1])\n"
        "prepare()  # as the function does, once\n"
        "recipe = Recipe.parse('500, 80:webp, 90:jpeg')\n"
        "print(render_isolated(file.getvalue(), recipe, DEFAULT_LIMITS, 60, loaded))\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program, to], capture_output=True, text=True, check=True
    )

    assert ended.stdout == "[]\n"


def test_an_unexpected_error_in_the_child_is_raised() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError while rendering"):
        isolated(b"poison", divide_by_zero)


def die(data: bytes, recipe: Recipe, limits: Limits) -> Rendered:
    os.kill(os.getpid(), signal.SIGKILL)
    return render(data, recipe, limits)


def hang(data: bytes, recipe: Recipe, limits: Limits) -> Rendered:
    time.sleep(600)
    return render(data, recipe, limits)


def divide_by_zero(data: bytes, recipe: Recipe, limits: Limits) -> Rendered:
    raise ZeroDivisionError(len(data), recipe, limits)
