"""thumbor's engine with the calls of its handlers, without the server: one request per target."""

from collections.abc import Sequence

from thumbor.config import Config
from thumbor.context import Context
from thumbor.engines.pil import Engine

from benchmarks.targets import Target
from benchmarks.tools.serve import Make


def thumbor() -> Make:
    """Return a function that loads, turns, resizes, crops and encodes for each target."""
    context = Context(config=Config())

    def run(data: bytes, targets: Sequence[Target]) -> list[bytes]:
        return [_made(Engine(context), data, target) for target in targets]

    return run


def _made(engine: Engine, data: bytes, target: Target) -> bytes:
    engine.load(data, None if target.format == "keep" else f".{target.format}")
    engine.reorientate()
    width, height = engine.size
    choose = max if target.fit == "cover" else min
    scale = min(1.0, choose(target.width / width, target.height / height))
    engine.resize(max(1, round(width * scale)), max(1, round(height * scale)))
    if target.fit == "cover":
        left = (engine.size[0] - target.width) // 2
        top = (engine.size[1] - target.height) // 2
        engine.crop(left, top, left + target.width, top + target.height)
    extension = engine.extension if target.format == "keep" else f".{target.format}"
    return bytes(engine.read(extension, target.quality))
