import ctypes
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import pytest
from fakes import jpegs
from wasmtime import _bindings

from imagemill.imaging import DEFAULT_LIMITS, render
from imagemill.imaging.fastjpeg import sandbox, wasmtime
from imagemill.imaging.fastjpeg.sandbox import Refused, Sandbox
from imagemill.imaging.worker_process import render_isolated
from imagemill.recipe import Recipe

RECIPE = Recipe.parse("100")
DATA = jpegs.save(jpegs.scene(801, 603))
PLENTY = 1 << 40


@pytest.fixture
def box() -> Sandbox:
    return sandbox.take(PLENTY)


def test_nothing_is_imported_into_the_sandbox() -> None:
    code = files("imagemill.imaging.fastjpeg").joinpath("decoder.wasm").read_bytes()
    ids, at = [], 8

    while at < len(code):
        ids.append(code[at])
        size, shift, at = 0, 0, at + 1
        while True:
            size |= (code[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if not code[at - 1] & 128:
                break
        at += size

    import_section = 2
    assert import_section not in ids
    assert len(ids) > 5


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (wasmtime.Instance, _bindings.wasmtime_instance_t),
        (wasmtime.Extern, _bindings.wasmtime_extern_t),
        (wasmtime.Value, _bindings.wasmtime_val_t),
    ],
)
def test_structures_are_those_of_the_library(
    ours: type[ctypes.Structure], theirs: type[ctypes.Structure]
) -> None:
    offsets = [getattr(theirs, name).offset for name, *_ in theirs._fields_[:2]]

    assert ctypes.sizeof(ours) == ctypes.sizeof(theirs)
    assert [getattr(ours, name).offset for name, *_ in ours._fields_[:2]] == offsets


def test_work_has_an_end(box: Sandbox) -> None:
    box.grant(100_000)

    with pytest.raises(Refused) as caught:
        box.decode(DATA, 150, 113, 150, 113)

    assert caught.value.reason == "trapped"


def test_memory_has_an_end(box: Sandbox) -> None:
    with pytest.raises(Refused) as caught:
        box.decode(bytes(257 << 20), 1, 1, 1, 1)

    assert caught.value.reason == "no_memory"
    assert box.memory_bytes <= 256 << 20


def test_an_address_outside_the_sandbox_is_not_followed(box: Sandbox) -> None:
    box.decode(DATA, 150, 113, 150, 113)

    with pytest.raises(Refused):
        box.draw((0, 0, 801, 603, 100, 75), 256 << 20)


@pytest.mark.parametrize(
    "numbers",
    [(0, 0, 802, 603, 9, 9), (9, 9, 9, 9, 9, 9), (0, 0, 9, 9, 0, 9), (0, 0, 9, 9, 9, 1 << 31)],
)
def test_a_part_that_is_none_is_not_drawn(box: Sandbox, numbers: tuple[int, ...]) -> None:
    box.decode(DATA, 150, 113, 150, 113)

    with pytest.raises(Refused):
        box.draw(numbers, 1)


def test_nothing_is_drawn_of_a_file_that_was_refused(box: Sandbox) -> None:
    box.decode(DATA, 150, 113, 150, 113)
    with pytest.raises(Refused):
        box.decode(DATA[:-100], 150, 113, 150, 113)

    with pytest.raises(Refused):
        box.draw((0, 0, 801, 603, 100, 75), 4 * 100 * 75)


def test_a_sandbox_in_which_something_went_wrong_is_not_used_again() -> None:
    render(DATA, RECIPE)
    used = sandbox.take(PLENTY)
    sandbox.give_back(used)

    render(DATA[:-100], RECIPE)

    assert sandbox.take(PLENTY) is not used


def test_a_sandbox_in_which_all_went_well_is_used_again() -> None:
    render(DATA, RECIPE)
    used = sandbox.take(PLENTY)
    sandbox.give_back(used)

    render(DATA, RECIPE)

    assert sandbox.take(PLENTY) is used


def test_a_sandbox_that_has_grown_large_is_not_kept(box: Sandbox) -> None:
    assert box.call("reserve", 65 << 20)

    sandbox.give_back(box)

    assert sandbox.take(PLENTY) is not box


def test_a_fork_has_the_compiled_decoder() -> None:
    here = render(DATA, RECIPE)

    apart = render_isolated(DATA, RECIPE, DEFAULT_LIMITS, 60)

    assert apart.sandbox == "drawn"
    assert apart == here


def test_threads_have_a_sandbox_each() -> None:
    images = [jpegs.save(jpegs.scene(801, height)) for height in range(600, 616)]
    alone = [render(data, RECIPE) for data in images]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda data: render(data, RECIPE), images * 2))

    assert together == alone * 2


def test_without_wasmtime_the_library_draws() -> None:
    script = (
        "import sys; sys.modules['wasmtime'] = None\n"
        "from imagemill.imaging import render; from imagemill.recipe import Recipe\n"
        "made = render(sys.stdin.buffer.read(), Recipe.parse('100'))\n"
        "print(made.sandbox, made.renditions[0].width, made.warnings)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], input=DATA, capture_output=True, check=True, env=os.environ
    )

    assert done.stdout.split() == [b"unavailable", b"100", b"()"]
