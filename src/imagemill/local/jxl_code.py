"""The machine code of libjxl on this machine. It is shipped compressed, because it is large."""

import lzma
from collections.abc import Callable

from imagemill.imaging.fastjpeg import is_available, machine_code
from imagemill.imaging.jxl import sandbox
from imagemill.wiring.shipped_files import shipped_path


def prepare_jxl(say: Callable[[str], None]) -> None:
    """Put machine code where worker processes look for it, because they cannot compile.

    It is unpacked. Where none is shipped for the platform, it is compiled, which takes a minute:
    `say` gets a line before.
    """
    if not is_available() or sandbox.is_prepared():
        return
    _unpack()
    if not sandbox.is_prepared():
        say("compiling the decoder of JPEG XL, once …")
        sandbox.prepare()
        sandbox.forget()


def _unpack() -> None:
    source, path = sandbox.source(), sandbox.paths()[-1]
    packed = shipped_path("deploy", "building/machine_code") / f"{path.name}.xz"
    if not packed.exists():
        return
    code = machine_code.unsealed(source, lzma.decompress(packed.read_bytes()))
    if code is not None:
        machine_code.write(source, code, path)
