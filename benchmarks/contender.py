"""A tool under test: a warm process that takes requests over a pipe."""

import json
import os
import select
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.targets import Target

# The default AVIF of sharp takes minutes on a machine that other work shares.
_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class Contender:
    """A tool: its short name, the package and version behind it, and the command of its worker.

    `environment` is added to that of this process. `targets` replace those of a race, if any.
    """

    name: str
    version: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The measurements of one call; `bytes` are the sizes of the images made."""

    cpu_ms: float
    bytes: list[int]
    # Peak resident memory above that before the call, if the request asked for it.
    peak_bytes: int = 0


class Worker:
    """The process of a contender; the context manager starts and ends it."""

    def __init__(self, contender: Contender) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own workers
            contender.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | contender.environment,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(
        self,
        path: Path,
        targets: Sequence[Target],
        *,
        outs: Sequence[Path] = (),
        peak: bool = False,
    ) -> Answer | None:
        """Make the targets, and write them to `outs` if there are any; None if the tool fails."""
        request = {
            "path": str(path),
            "targets": [asdict(each) for each in targets],
            "outs": [str(out) for out in outs],
            "peak": peak,
        }
        sending, receiving = self._process.stdin, self._process.stdout
        assert sending is not None  # noqa: S101 - both are pipes
        assert receiving is not None  # noqa: S101
        sending.write(json.dumps(request) + "\n")
        sending.flush()
        if not select.select([receiving], [], [], _TIMEOUT_S)[0]:
            raise TimeoutError(f"{path.name}: no answer within {_TIMEOUT_S} s")
        answer = json.loads(receiving.readline() or '{"error": "died"}')
        return None if "error" in answer else Answer(**answer)
