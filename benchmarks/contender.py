"""A tool under test: a warm process that takes requests over a pipe."""

import json
import select
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Contender:
    """A tool: its short name, the package and version behind it, and the command of its worker."""

    name: str
    version: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """The measurements of one call; `bytes` is the size of the result."""

    cpu_ms: float
    bytes: int
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
            env=contender.environment or None,
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
        self, path: Path, to: str, *, out: Path | None = None, peak: bool = False
    ) -> Answer | None:
        """Make one small image in format `to`; None if the tool fails."""
        request = {"path": str(path), "to": to, "out": out and str(out), "peak": peak}
        sending, receiving = self._process.stdin, self._process.stdout
        assert sending is not None  # noqa: S101 - both are pipes
        assert receiving is not None  # noqa: S101
        sending.write(json.dumps(request) + "\n")
        sending.flush()
        if not select.select([receiving], [], [], _TIMEOUT_S)[0]:
            raise TimeoutError(f"{path.name}: no answer within {_TIMEOUT_S} s")
        answer = json.loads(receiving.readline() or '{"error": "died"}')
        return None if "error" in answer else Answer(**answer)
