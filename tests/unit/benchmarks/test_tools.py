"""The parts of the tools that run without them."""

import subprocess
import sys
from itertools import pairwise

import pytest

from benchmarks.targets import Target, inside, largest
from benchmarks.tools.cpu import cpu_s
from benchmarks.tools.ladder import crop, descend, fitted, needed
from benchmarks.tools.ours import recipe

COVER = Target(160, 160, "cover")
BUSY = "import time\nwhile time.process_time() < 0.2: pass\nprint(flush=True)\ninput()"


@pytest.mark.parametrize(
    ("target", "size", "box"),
    [
        (inside(500), (500, 375), (0, 0, 500, 375)),
        (COVER, (213, 160), (26, 0, 186, 160)),
        (inside(9000), (4000, 3000), (0, 0, 4000, 3000)),
    ],
)
def test_a_target_is_a_part_of_the_fitted_image(
    target: Target, size: tuple[int, int], box: tuple[int, ...]
) -> None:
    assert fitted((4000, 3000), target) == size
    assert crop(size, target) == box


def test_each_size_is_shrunk_from_the_next_larger_one() -> None:
    made: list[tuple[int, int]] = []

    def shrink(pixels: int, size: tuple[int, int]) -> int:
        made.append((pixels, size[0]))
        return size[0]

    descend(4000, (4000, 3000), [(160, 120), (2048, 1536), (500, 375)], shrink)

    assert made == [(4000, 2048), (2048, 500), (500, 160)]


def test_the_decoder_is_asked_for_the_largest_target() -> None:
    assert needed((4000, 3000), [inside(500), COVER], 2) == (1000, 750)
    assert largest([inside(500), COVER]) == inside(500)


def test_a_recipe_has_a_preset_for_each_target() -> None:
    targets = [COVER, inside(500, "png"), inside(320, "keep"), inside(640, "webp", 80)]

    presets = recipe(targets).presets

    assert [(each.width, each.fit, each.format, each.quality) for each in presets] == [
        (160, "cover", "jpeg", 82),
        (500, "inside", "png", None),
        (320, "inside", "keep", None),
        (640, "inside", "webp", 80),
    ]


def test_cpu_time_includes_children_that_run_and_that_have_ended() -> None:
    seen = [cpu_s()]

    with subprocess.Popen(
        [sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout
        child.stdout.readline()
        seen.append(cpu_s())
    seen.append(cpu_s())

    assert seen[1] - seen[0] >= 0.2
    assert all(later >= earlier for earlier, later in pairwise(seen))
