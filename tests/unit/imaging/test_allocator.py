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
