import platform
import subprocess
import sys

import pytest

COUNT = """
import resource, sys
from PIL import Image
import imagemill.imaging.pipeline
from imagemill.imaging.malloc import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    Image.new("L", (8000, 4000), 1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1] == "kept":
    keep_freed_memory()
faults()
print(faults() * resource.getpagesize())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no mallopt")
@pytest.mark.parametrize(("setting", "is_new"), [("kept", False), ("as it is", True)])
def test_freed_memory_is_reused_only_if_it_is_kept(setting: str, *, is_new: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNT, setting], check=True, capture_output=True, text=True
    )

    assert (int(done.stdout) > 16_000_000) == is_new


RETURN = """
import io, sys
from dataclasses import replace
from PIL import Image
from imagemill.imaging import DEFAULT_LIMITS, render
from imagemill.imaging.malloc import keep_freed_memory, resident_bytes
from imagemill.recipe import DEFAULT_RECIPE

keep_freed_memory()
blocks = [bytes(100_000) for _ in range(1_000)]
blocks = blocks[-1:]
file = io.BytesIO()
Image.new("RGB", (600, 400), "teal").save(file, "PNG")
limits = replace(DEFAULT_LIMITS, max_memory_bytes=int(sys.argv[1]) << 20)
before = resident_bytes()
render(file.getvalue(), DEFAULT_RECIPE, limits)
print(before - resident_bytes())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no mallopt")
@pytest.mark.parametrize(("limit_mib", "is_returned"), [(30, True), (1_000, False)])
def test_memory_is_returned_before_an_image_that_may_need_most_of_the_limit(
    limit_mib: int, *, is_returned: bool
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RETURN, str(limit_mib)], check=True, capture_output=True, text=True
    )

    # Of 100 MB, about half: the image itself takes memory, too.
    assert (int(done.stdout) > 20_000_000) == is_returned


IN_THREADS = """
import sys
from pathlib import Path
from threading import Thread
from imagemill.imaging.malloc import share_memory_of_threads

addresses = []
if sys.argv[1] == "shared":
    share_memory_of_threads()
thread = Thread(target=lambda: addresses.append(id(bytes(100_000))))
thread.start()
thread.join()
[heap] = [line for line in Path("/proc/self/maps").read_text().splitlines() if "[heap]" in line]
first, last = (int(side, 16) for side in heap.split()[0].split("-"))
print(first <= addresses[0] < last)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no mallopt")
@pytest.mark.parametrize("setting", ["shared", "as it is"])
def test_a_new_thread_uses_the_heap_of_the_process_only_if_it_is_shared(setting: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_THREADS, setting], check=True, capture_output=True, text=True
    )

    assert done.stdout == f"{setting == 'shared'}\n"
