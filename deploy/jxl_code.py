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
from imagemill.local.jxl_code import prepare_jxl


def seal(wasm: str, code: str, file: str) -> None:
    """Compress machine code, with the digest of the module it belongs to."""
    content = machine_code.sealed(Path(wasm).read_bytes(), Path(code).read_bytes())
    Path(file).write_bytes(lzma.compress(content, preset=9))


if __name__ == "__main__":
    if sys.argv[1] == "seal":
        seal(*sys.argv[2:])
    else:
        prepare_jxl(print)
