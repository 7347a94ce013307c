# ruff: noqa: INP001 - beside scripts, not in a package
"""Shared by the fuzzers: mutation of files, and the start of libFuzzer."""

import random
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import atheris


def fuzz(test: Callable[[bytes], None], draw_examples: Callable[[Path], None]) -> None:
    """Start libFuzzer with the command line's options.

    `draw_examples` fills a temporary folder if the command line names none.
    """
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as examples:
        arguments = list(sys.argv)
        if not any(Path(argument).is_dir() for argument in arguments[1:]):
            draw_examples(Path(examples))
            arguments.append(examples)
        atheris.Setup(arguments, test, custom_mutator=_mutate)
        atheris.Fuzz()


def _mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Damage a file: mostly near its start; overwrite, delete, copy or change bytes."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    if chance.random() < 0.5:  # noqa: PLR2004 - half of the time
        return bytes(atheris.Mutate(data, max_size))
    damaged = bytearray(data or b"\0")
    at = int(len(damaged) * chance.random() ** 3)
    length = chance.randrange(1, 65)
    match chance.randrange(4):
        case 0:
            damaged[at : at + 4] = chance.choice(
                (b"\xff" * 4, bytes(4), b"\0\0\1\0", b"\x7f\xff" * 2)
            )
        case 1:
            del damaged[at : at + length]
        case 2:
            damaged[at:at] = damaged[:length]
        case _:
            damaged[at] = chance.randrange(256)
    return bytes(damaged[:max_size])
