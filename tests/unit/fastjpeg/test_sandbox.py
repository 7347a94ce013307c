import ctypes
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import pytest
from fakes import jpegs
from wasmtime import _bindings

from imagemill.imaging.fastjpeg import Refused, decode_planes, sandbox, wasmtime
from imagemill.imaging.fastjpeg.sandbox import Sandbox

DATA = jpegs.save(jpegs.scene(801, 603))
PLENTY = 1 << 40


def decoded(data: bytes, height: int = 603) -> bytes:
    with decode_planes(data, (801, height), luma=(200, 150), chroma=(100, 75)) as planes:
        return planes.resize((0, 0, 801, height), (100, 75))


@pytest.fixture
def box() -> Sandbox:
    return sandbox.take(PLENTY)


def test_the_module_imports_no_function() -> None:
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
def test_structures_have_the_library_s_layout(
    ours: type[ctypes.Structure], theirs: type[ctypes.Structure]
) -> None:
    offsets = [getattr(theirs, name).offset for name, *_ in theirs._fields_[:2]]

    assert ctypes.sizeof(ours) == ctypes.sizeof(theirs)
    assert [getattr(ours, name).offset for name, *_ in ours._fields_[:2]] == offsets


def test_work_beyond_the_fuel_is_stopped(box: Sandbox) -> None:
    box.grant(100_000)

    with pytest.raises(Refused) as caught:
        box.decode(DATA, 150, 113, 150, 113)

    assert caught.value.reason == "trapped"


def test_memory_beyond_the_limit_is_refused(box: Sandbox) -> None:
    with pytest.raises(Refused) as caught:
        box.decode(bytes(257 << 20), 1, 1, 1, 1)

    assert caught.value.reason == "no_memory"
    assert box.memory_bytes <= 256 << 20


def test_an_address_outside_the_sandbox_is_refused(box: Sandbox) -> None:
    box.decode(DATA, 150, 113, 150, 113)

    with pytest.raises(Refused):
        box.draw((0, 0, 801, 603, 100, 75), 256 << 20)


@pytest.mark.parametrize(
    "numbers",
    [(0, 0, 802, 603, 9, 9), (9, 9, 9, 9, 9, 9), (0, 0, 9, 9, 0, 9), (0, 0, 9, 9, 9, 1 << 31)],
)
def test_a_box_outside_the_image_is_refused(box: Sandbox, numbers: tuple[int, ...]) -> None:
    box.decode(DATA, 150, 113, 150, 113)

    with pytest.raises(Refused):
        box.draw(numbers, 1)


def test_a_refused_file_cannot_be_decoded(box: Sandbox) -> None:
    box.decode(DATA, 150, 113, 150, 113)
    with pytest.raises(Refused):
        box.decode(DATA[:-100], 150, 113, 150, 113)

    with pytest.raises(Refused):
        box.draw((0, 0, 801, 603, 100, 75), 4 * 100 * 75)


def test_a_sandbox_is_discarded_after_an_error() -> None:
    decoded(DATA)
    used = sandbox.take(PLENTY)
    sandbox.give_back(used)

    with pytest.raises(Refused):
        decoded(DATA[:-100])

    assert sandbox.take(PLENTY) is not used


def test_a_sandbox_is_used_again_after_success() -> None:
    decoded(DATA)
    used = sandbox.take(PLENTY)
    sandbox.give_back(used)

    decoded(DATA)

    assert sandbox.take(PLENTY) is used


def test_a_sandbox_that_has_grown_large_is_discarded(box: Sandbox) -> None:
    assert box.call("reserve", 65 << 20)

    sandbox.give_back(box)

    assert sandbox.take(PLENTY) is not box


def test_a_fork_has_the_compiled_decoder() -> None:
    expected = decoded(DATA)
    reader, writer = os.pipe()

    child = os.fork()
    if not child:
        os.write(writer, bytes([decoded(DATA) == expected]))
        os._exit(0)
    os.close(writer)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert os.read(reader, 1) == b"\1"
    os.close(reader)


def test_threads_have_a_sandbox_each() -> None:
    heights = range(600, 616)
    images = [jpegs.save(jpegs.scene(801, height)) for height in heights]
    alone = list(map(decoded, images, heights))

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(decoded, images * 2, [*heights, *heights]))

    assert together == alone * 2


def test_without_wasmtime_every_file_is_refused() -> None:
    script = (
        "import sys; sys.modules['wasmtime'] = None\n"
        "from imagemill.imaging import fastjpeg\n"
        "print(fastjpeg.is_available(), fastjpeg.prepare())\n"
        "try:\n"
        "    with fastjpeg.decode_planes(b'', (801, 603), luma=(9, 9), chroma=(9, 9)): pass\n"
        "except fastjpeg.Refused as refusal: print(refusal.reason)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, env=os.environ
    )

    assert done.stdout.split() == [b"False", b"None", b"unavailable"]
