# ruff: noqa: INP001 - scripts, not a package
"""The machine code of the JPEG XL module in the repository, compressed because it is large.

jxl_code.py seal WASM CODE FILE    compress machine code, with the digest of its module
jxl_code.py install                unpack the code for this machine to where imagemill looks for it;
                                   compile it there if there is none
"""

import lzma
import sys
from pathlib import Path

from imagemill.imaging.fastjpeg import machine_code
from imagemill.imaging.jxl import sandbox

_HERE = Path(__file__).parent


def packed(name: str) -> Path:
    """Return the compressed file of a platform such as linux-aarch64."""
    return _HERE / f"jxl.{name}.cwasm.xz"


def unpacked(name: str) -> bytes:
    """Return the machine code for a platform, as it is kept beside the package."""
    return lzma.decompress(packed(name).read_bytes())


def seal(wasm: str, code: str, file: str) -> None:
    """Compress machine code, with the digest of the module it belongs to."""
    content = machine_code.sealed(Path(wasm).read_bytes(), Path(code).read_bytes())
    Path(file).write_bytes(lzma.compress(content, preset=9))


def install() -> None:
    """Put machine code for this machine where imagemill looks for it; compile it if necessary."""
    place = sandbox.places()[-1]
    if machine_code.read(sandbox.source(), place) is None:
        kind = place.suffixes[0].removeprefix(".")
        if packed(kind).exists():
            content = unpacked(kind)
            code = machine_code.unsealed(sandbox.source(), content)
            machine_code.write(sandbox.source(), code or b"", place)
    sandbox.prepare()


if __name__ == "__main__":
    if sys.argv[1] == "seal":
        seal(*sys.argv[2:])
    else:
        install()
