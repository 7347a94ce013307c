"""One decode for several targets: each is shrunk from the smallest image that is large enough."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from benchmarks.targets import Target

Size = tuple[int, int]
Pixels = TypeVar("Pixels")


def fitted(size: Size, target: Target) -> Size:
    """Return the size of the whole image, shrunk to lie in the box or to cover it."""
    choose = max if target.fit == "cover" else min
    scale = min(1.0, choose(target.width / size[0], target.height / size[1]))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def crop(size: Size, target: Target) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the centred part that a target shows."""
    if target.fit == "inside":
        return 0, 0, *size
    width, height = min(target.width, size[0]), min(target.height, size[1])
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return left, top, left + width, top + height


def descend(
    whole: Pixels, size: Size, sizes: Sequence[Size], shrink: Callable[[Pixels, Size], Pixels]
) -> dict[Size, Pixels]:
    """Return the image in each of `sizes`, from large to small, each shrunk from the one before."""
    made = {size: whole}
    for wanted in sorted(set(sizes) - {size}, reverse=True):
        made[wanted] = shrink(made[min(made)], wanted)
    return made


def needed(size: Size, targets: Sequence[Target], oversampled: float) -> Size:
    """Return the smallest size to decode to, so that every target has enough pixels."""
    wanted = max(fitted(size, each) for each in targets)
    return round(wanted[0] * oversampled), round(wanted[1] * oversampled)
