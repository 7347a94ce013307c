"""Start the processes of functions on the embedded AWS with less work.

MiniStack 1.5.33 loads botocore into each process, to count how often functions invoke each other;
ours invoke none, and have clients of their own. And it unpacks the code for each process, which
then compiles it. Both together take two thirds of the CPU time of a start.
"""

import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_COUNTER = "    _ms_install_invoke_depth()\n"
_UNPACKING = threading.Lock()


def start_without_botocore(lambda_runtime: Any) -> None:  # noqa: ANN401  # MiniStack ships no types
    """Remove the counter from the program of a function's process, in MiniStack's module."""
    program: str = lambda_runtime._PYTHON_WORKER_SCRIPT
    lambda_runtime._PYTHON_WORKER_SCRIPT = program.replace(_COUNTER, "")


def share_code(lambda_runtime: Any) -> None:  # noqa: ANN401  # as above
    """Have processes with the same code share one unpacked copy, and the modules compiled in it.

    The copies are in the folder for temporary files. On Windows each process keeps its own, because
    links need a privilege there.
    """
    if sys.platform != "win32":
        lambda_runtime.zipfile = SimpleNamespace(
            ZipFile=SharedArchive, BadZipFile=zipfile.BadZipFile
        )


class SharedArchive(zipfile.ZipFile):
    """An archive that is unpacked once, however often it is extracted."""

    def extractall(
        self,
        path: Any = None,  # noqa: ANN401  # as in the library's stubs, which differ between versions
        members: Iterable[Any] | None = None,
        pwd: bytes | None = None,
    ) -> None:
        """Link the content of the archive into a folder."""
        for entry in self._unpacked(members, pwd).iterdir():
            Path(path, entry.name).symlink_to(entry)

    def _unpacked(self, members: Iterable[Any] | None, pwd: bytes | None) -> Path:
        digest = sha256(Path(str(self.filename)).read_bytes()).hexdigest()
        shared = Path(tempfile.gettempdir(), f"code-{digest}")
        with _UNPACKING:
            if not shared.exists():
                partial = Path(tempfile.mkdtemp(prefix="code-"))
                super().extractall(partial, members, pwd)
                partial.rename(shared)
        return shared
