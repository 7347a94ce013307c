"""The package works without imagemill, without Pillow, and as described in its README."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

from fakes import jpegs

import imagemill.imaging.fastjpeg as package

FOLDER = Path(package.__file__).parent
README = (FOLDER / "README.md").read_text(encoding="utf-8")
CHECK = """
import sys
import fastjpeg
data = sys.stdin.buffer.read()
with fastjpeg.decode_planes(data, (801, 603), luma=(200, 150), chroma=(100, 75)) as planes:
    print(len(planes.resize((0, 0, 801, 603), (100, 75))))
print([name for name in ("imagemill", "PIL") if name in sys.modules])
"""


def test_a_copy_of_the_folder_works_by_itself(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "fastjpeg")
    data = jpegs.save(jpegs.scene(801, 603))

    done = subprocess.run(
        [sys.executable, "-c", CHECK], cwd=tmp_path, input=data, capture_output=True, check=True
    )

    assert done.stdout.split() == [b"30000", b"[]"]


def test_the_example_of_the_readme_runs(tmp_path: Path) -> None:
    example = "".join(re.findall(r"```python\n(.*?)```", README, re.DOTALL))
    (tmp_path / "photo.jpg").write_bytes(jpegs.save(jpegs.scene(4000, 3000)))

    done = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, check=True, text=True
    )

    assert done.stdout == "500 375 750000\n307200\n"


def test_the_readme_explains_every_public_name_and_reason() -> None:
    documented = set(re.findall(r"`(\w+)", README))

    assert documented.issuperset(package.__all__)
    assert documented.issuperset(get_args(package.Reason))
