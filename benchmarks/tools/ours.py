"""imagemill: in-process, as deployed, and with parts of it turned off."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.targets import Target
from benchmarks.tools.serve import Make
from imagemill.imaging import DEFAULT_LIMITS, pipeline, render
from imagemill.imaging.fastjpeg import prepare
from imagemill.imaging.worker_process import render_isolated
from imagemill.recipe import Recipe

_TIMEOUT_S = 120
_LIMITS = replace(DEFAULT_LIMITS, camera_raw=True)


def imagemill() -> Make:
    """Return the renderer in-process."""
    return lambda data, targets: [
        each.data for each in render(data, recipe(targets), _LIMITS).renditions
    ]


def deployed() -> Make:
    """Return the renderer as in the function: isolated from the process that asks for it."""
    prepare()

    def run(data: bytes, targets: Sequence[Target]) -> list[bytes]:
        made = render_isolated(data, recipe(targets), _LIMITS, _TIMEOUT_S)
        return [each.data for each in made.renditions]

    return run


def libraries() -> Make:
    """Return the renderer without the sandbox, as without wasmtime."""
    return lambda data, targets: [
        each.data for each in render(data, recipe(targets), sandboxed=False).renditions
    ]


def forgetful() -> Make:
    """Return the renderer with glibc's default of returning memory to the kernel."""
    vars(pipeline)["keep_freed_memory"] = bool  # does nothing
    return imagemill()


def recipe(targets: Sequence[Target]) -> Recipe:
    """Return the recipe that makes the targets; only lossy formats get a quality."""
    return Recipe.parse(", ".join(f"t{at}={_preset(each)}" for at, each in enumerate(targets)))


def _preset(target: Target) -> str:
    words = f":{target.words}" if target.words else ""
    box = f"{target.width}x{target.height}:{target.fit}{words}"
    if target.format == "keep":
        return box
    is_chosen = target.format == "png" or "quality=" in words
    quality = "" if is_chosen else f":q{target.quality}"
    effort = "" if target.effort is None else f":e{target.effort}"
    return f"{box}:{target.format}{quality}{effort}"
