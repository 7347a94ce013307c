import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

Save = Callable[..., bytes]
MEASURE = """
import re, sys
from pathlib import Path
from imagemill.imaging import Limits, probe, render
from imagemill.imaging.budget import estimate_memory
from imagemill.imaging.plan import make_plans
from imagemill.recipe import Recipe

recipe = Recipe.parse(sys.argv[3])
small, large = (Path(name).read_bytes() for name in sys.argv[1:3])
render(small, recipe)
status = Path("/proc/self/status")
Path("/proc/self/clear_refs").write_text("5")
before = int(re.search(r"VmRSS:\\s+(\\d+)", status.read_text())[1])
render(large, recipe)
peak = int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) - before
facts = probe(large)
print(peak * 1024, estimate_memory(facts, make_plans(facts, recipe)))
"""
FILES: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 90},
    "JPEG, progressive": {"quality": 90, "progressive": True},
    "PNG": {"compress_level": 1},
    "WEBP": {"method": 0},
    "GIF": {},
    "TIFF": {},
    "BMP": {},
    "JPEG2000": {},
    "AVIF": {"speed": 10, "quality": 40},
}


@pytest.mark.skipif(sys.platform != "linux", reason="others do not tell the peak")
@pytest.mark.parametrize("file", FILES)
def test_the_estimate_of_memory_is_never_a_tenth_under_what_is_used(
    file: str, save: Save, tmp_path: Path
) -> None:
    grain = Image.effect_noise((300, 200), 90).convert("RGB")
    for name, size in (("small", (16, 16)), ("large", (3000, 2000))):
        (tmp_path / name).write_bytes(
            save(grain.resize(size), file.partition(",")[0], **FILES[file])
        )

    done = subprocess.run(
        [sys.executable, "-c", MEASURE, tmp_path / "small", tmp_path / "large", "500"],
        check=True,
        capture_output=True,
        text=True,
    )

    used, estimated = map(int, done.stdout.split())
    assert used <= estimated * 1.1
    assert estimated <= 3 * used + (24 << 20)
