"""Resizes images with one Python tool: one JSON request per line on stdin, answers on stdout.

    python worker.py tutorial
    {"path": "in.jpg", "to": "jpeg"}                     → {"cpu_ms": 81.2, "bytes": 31234}
    {"path": "in.jpg", "to": "png", "out": "small.png"}  → the same, and writes the image
    {"path": "in.jpg", "to": "jpeg", "peak": true}       → the same, and "peak_bytes"

It runs in the environment of the tool, so it imports nothing from this package. CPU time is that of
the process and its children, user and system, from bytes in memory to bytes in memory.
"""

import json
import re
import resource
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

SIDE, QUALITY = 500, 82
Make = Callable[[bytes, str], bytes]


def imagemill() -> Make:
    """Return imagemill's renderer in-process; `keep` is the default recipe."""
    from imagemill.imaging import render  # noqa: PLC0415 - one tool is installed, not all

    return lambda data, to: render(data, _recipe(to)).renditions[0].data


def libraries() -> Make:
    """Return imagemill's renderer without the sandbox, as without wasmtime."""
    from imagemill.imaging import render  # noqa: PLC0415

    return lambda data, to: render(data, _recipe(to), sandboxed=False).renditions[0].data


def isolated() -> Make:
    """Return imagemill's renderer as in the function: in a child process for each image."""
    from imagemill.imaging import DEFAULT_LIMITS  # noqa: PLC0415
    from imagemill.imaging.fastjpeg import prepare  # noqa: PLC0415
    from imagemill.imaging.worker_process import render_isolated  # noqa: PLC0415

    prepare()

    def run(data: bytes, to: str) -> bytes:
        return render_isolated(data, _recipe(to), DEFAULT_LIMITS, 120).renditions[0].data

    return run


def forgetful() -> Make:
    """Return imagemill's renderer with glibc's default of returning memory to the kernel."""
    from imagemill.imaging import pipeline, render  # noqa: PLC0415

    vars(pipeline)["keep_freed_memory"] = bool  # does nothing
    return lambda data, to: render(data, _recipe(to)).renditions[0].data


def presets() -> Make:
    """Return imagemill's renderer with four presets instead of one; ignores `to`."""
    from imagemill.imaging import render  # noqa: PLC0415
    from imagemill.recipe import Recipe  # noqa: PLC0415

    text = f"800:jpeg:q{QUALITY}, {SIDE}:jpeg:q{QUALITY}, 250:jpeg:q{QUALITY}, 100:jpeg:q{QUALITY}"
    recipe = Recipe.parse(text)
    return lambda data, _: render(data, recipe).renditions[1].data


def largest() -> Make:
    """Return imagemill's renderer with only the largest of these presets."""
    from imagemill.imaging import render  # noqa: PLC0415
    from imagemill.recipe import Recipe  # noqa: PLC0415

    recipe = Recipe.parse(f"800:jpeg:q{QUALITY}")
    return lambda data, _: render(data, recipe).renditions[0].data


def tutorial() -> Make:
    """Return the code of tutorials for such a function: turn upright, then shrink."""
    from PIL import ImageOps  # noqa: PLC0415

    return _pillow(ImageOps.exif_transpose)


def thumbnail() -> Make:
    """Return Pillow's `thumbnail` alone, which ignores the orientation."""
    return _pillow(lambda image: image)


def _pillow(turn: Callable[[Any], Any]) -> Make:
    from PIL import Image  # noqa: PLC0415

    _register_heif()

    def run(data: bytes, to: str) -> bytes:
        opened = Image.open(BytesIO(data))
        image = turn(opened)
        image.thumbnail((SIDE, SIDE))
        file = BytesIO()
        kind = str(opened.format) if to == "keep" else to
        image.save(file, kind, quality=QUALITY)
        return file.getvalue()

    return run


def _register_heif() -> None:
    try:
        from pillow_heif import register_heif_opener  # noqa: PLC0415
    except ImportError:
        return
    register_heif_opener()


def pyvips() -> Make:
    """Return libvips' thumbnailer, to sRGB, on one thread and without its cache."""
    import pyvips as vips  # noqa: PLC0415

    vips.cache_set_max(0)

    def run(data: bytes, to: str) -> bytes:
        image = vips.Image.thumbnail_buffer(
            data, SIDE, height=SIDE, size="down", export_profile="srgb"
        )
        options = {"Q": QUALITY, "optimize_coding": True} if to == "jpeg" else {}
        return bytes(image.write_to_buffer(f".{to}", **options))

    return run


def thumbor() -> Make:
    """Return thumbor's engine with the calls of its handlers, without the server."""
    from thumbor.config import Config  # noqa: PLC0415
    from thumbor.context import Context  # noqa: PLC0415
    from thumbor.engines.pil import Engine  # noqa: PLC0415

    context = Context(config=Config())

    def run(data: bytes, to: str) -> bytes:
        engine = Engine(context)
        engine.load(data, f".{to}")
        engine.reorientate()
        width, height = engine.size
        scale = min(1.0, SIDE / max(width, height))
        engine.resize(max(1, round(width * scale)), max(1, round(height * scale)))
        return bytes(engine.read(f".{to}", QUALITY))

    return run


def _recipe(to: str) -> Any:  # noqa: ANN401 - its type is not installed everywhere
    from imagemill.recipe import Recipe  # noqa: PLC0415

    return Recipe.parse(
        {"keep": f"{SIDE}", "png": f"{SIDE}:png"}.get(to, f"{SIDE}:{to}:q{QUALITY}")
    )


def _cpu_s() -> float:
    own, children = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _resident_bytes(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


def _answer(make: Make, request: dict[str, Any]) -> dict[str, Any]:
    data = Path(request["path"]).read_bytes()
    if request.get("peak"):
        Path("/proc/self/clear_refs").write_text("5")
    resident, before = _resident_bytes("VmRSS"), _cpu_s()
    try:
        made = make(data, request["to"])
    except Exception as error:  # noqa: BLE001 - the error is the answer
        return {"error": str(error)[:200] or type(error).__name__}
    answer = {"cpu_ms": (_cpu_s() - before) * 1000, "bytes": len(made)}
    if request.get("peak"):
        answer["peak_bytes"] = _resident_bytes("VmHWM") - resident
    if request.get("out"):
        Path(request["out"]).write_bytes(made)
    return answer


TOOLS: dict[str, Callable[[], Make]] = {
    tool.__name__: tool
    for tool in (
        imagemill,
        isolated,
        libraries,
        forgetful,
        presets,
        largest,
        tutorial,
        thumbnail,
        pyvips,
        thumbor,
    )
}

if __name__ == "__main__":
    tool = TOOLS[sys.argv[1]]()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(tool, json.loads(line))) + "\n")
        sys.stdout.flush()
