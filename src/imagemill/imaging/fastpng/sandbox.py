"""The decoder's sandbox. Its limits are those of the JPEG decoder, whose loader it shares."""

from pathlib import Path

from imagemill.imaging.fastjpeg.sandbox import Sandbox, SandboxPool

__all__ = [
    "PngSandbox",
    "forget",
    "give_back",
    "prepare",
    "source",
    "take",
]

_HERE, _NAME = Path(__file__).parent, "png"
# Bytes: an instance of a wider image is not used again, because its memory never shrinks.
_KEPT_MEMORY = 4 << 20


class PngSandbox(Sandbox):
    """One instance of the decoder, for one thread at a time."""

    exports = (
        *("begin", "palette", "set_key", "room", "add", "read", "reduced", "reduced_bytes"),
        *("begin_filtering", "given_rows", "filter_rows", "filtered_rows"),
    )


_POOL = SandboxPool(PngSandbox, _HERE, _NAME, _KEPT_MEMORY)
source, prepare, forget = _POOL.source, _POOL.prepare, _POOL.forget
take, give_back = _POOL.take, _POOL.give_back
