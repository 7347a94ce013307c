"""Messages between the function's process and a worker process.

A message is a length, a JSON object, and files; an original may be in shared memory instead.
Nothing is pickled: a worker that was taken over can only send plain values, and those are checked
here.
"""

import json
import struct
from collections.abc import Callable
from dataclasses import fields
from functools import lru_cache
from mmap import mmap
from operator import attrgetter
from typing import Any

from imagemill import errors
from imagemill.dataclass import dataclass
from imagemill.errors import ImageRejected
from imagemill.imaging.facts import Facts
from imagemill.imaging.limits import Limits
from imagemill.imaging.rendered import Rendered, Rendition
from imagemill.imaging.worker.shared_memory import OriginalMemory
from imagemill.recipe import Recipe

# Returns exactly this many bytes of the other process; raises EOFError if it ended before.
Read = Callable[[int], bytes]
# Lengths in bytes: of a job's terms and file, with True if that is in shared memory, and of an
# answer.
_JOB, _LENGTH = struct.Struct(">II?"), struct.Struct(">I")
# Bytes: an answer names some facts and at most 20 renditions.
_MOST_JSON_BYTES = 1 << 20
# Values are sent in the order of the fields; the files of renditions follow the object.
_FACTS = attrgetter(*(field.name for field in fields(Facts)))
_LIMITS = attrgetter(*(field.name for field in fields(Limits)))
_RENDITION = attrgetter(*(field.name for field in fields(Rendition) if field.name != "data"))
_RENDERED = attrgetter("warnings", "placeholder", "colour", "sandbox", "compiled")
_REJECTIONS: dict[str, type[ImageRejected]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, ImageRejected)
}


# Reads a JSON value from an offset on. `json.loads` runs more Python code for the same result,
# which is never in the processor's cache after an image.
_READ_JSON = json.JSONDecoder().raw_decode


class InvalidMessage(Exception):
    """The message of a worker is not one that a worker sends."""


@dataclass(frozen=True, slots=True)
class Job:
    """One image to render. `most_s` is the whole number of seconds after which the worker ends."""

    data: bytes
    recipe: Recipe
    limits: Limits
    sandboxed: bool
    described: bool
    most_s: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a job; `is_last` if the worker takes no other job."""

    result: Rendered | Exception
    is_last: bool = False


def encode_job(job: Job, memory: OriginalMemory | None, placed: int | None = None) -> list[bytes]:
    """Return the parts of the message; the file goes into the shared `memory` if it fits.

    `placed` is the size of the file in bytes if it is there already; it is not in the job then.
    """
    terms = _encoded_terms(job.recipe, job.limits, (job.sandboxed, job.described), job.most_s)
    is_shared = placed is not None or (memory is not None and memory.put(job.data))
    size = len(job.data) if placed is None else placed
    head = _JOB.pack(len(terms), size, is_shared) + terms
    return [head] if is_shared else [head, job.data]


def read_job(read: Read, shared: Callable[[], mmap]) -> Job:
    """Read a job from the function's process, which is trusted; `shared` maps the memory."""
    terms_bytes, file_bytes, is_shared = _JOB.unpack(read(_JOB.size))
    terms = _read_terms(read(terms_bytes))
    data = shared()[:file_bytes] if is_shared else read(file_bytes)
    return Job(data, *terms)


# The terms are the same for nearly all images of a function, apart from the seconds.
@lru_cache(maxsize=64)
def _encoded_terms(
    recipe: Recipe, limits: Limits, options: tuple[bool, bool], most_s: int
) -> bytes:
    # In the order of the presets; the text of a whole recipe is sorted by name.
    presets = ",".join(map(str, recipe.presets))
    return json.dumps([presets, _LIMITS(limits), *options, most_s]).encode()


@lru_cache(maxsize=64)
def _read_terms(text: bytes) -> tuple[Recipe, Limits, bool, bool, int]:
    presets, limits, sandboxed, described, most_s = json.loads(text)
    return Recipe.parse(presets), Limits(*limits), sandboxed, described, most_s


def encode_answer(answer: Answer) -> list[bytes]:
    """Return the parts of the message; an unexpected error is sent by its name."""
    result, files = answer.result, []
    message: dict[str, object] = {"is_last": answer.is_last}
    if isinstance(result, Rendered):
        files = [rendition.data for rendition in result.renditions]
        message["facts"] = _FACTS(result.facts)
        message["renditions"] = [_RENDITION(rendition) for rendition in result.renditions]
        message["files"] = list(map(len, files))
        message["rest"] = _RENDERED(result)
    elif type(result).__name__ in _REJECTIONS:
        message |= {"rejection": type(result).__name__, "message": str(result)}
    else:
        message["error"] = f"{type(result).__name__} while rendering: {result}"
    text = json.dumps(message).encode()
    return [_LENGTH.pack(len(text)) + text, *files]


def read_answer(read: Read, most_bytes: int) -> Answer:
    """Read an answer whose files have `most_bytes` together; raises InvalidMessage otherwise."""
    (length,) = _LENGTH.unpack(read(_LENGTH.size))
    if length > _MOST_JSON_BYTES:
        raise InvalidMessage("the answer is too long")
    try:
        message, _ = _READ_JSON(read(length).decode(), 0)
        return Answer(_result(message, read, most_bytes), message.pop("is_last") is not False)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as fault:
        raise InvalidMessage("the answer has another form than expected") from fault


def _result(message: dict[str, Any], read: Read, most_bytes: int) -> Rendered | Exception:
    if "rejection" in message:
        return _REJECTIONS[str(message["rejection"])](str(message["message"]))
    if "error" in message:
        return RuntimeError(str(message["error"]))
    files = _read_files(message["files"], read, most_bytes)
    renditions = tuple(
        Rendition(preset, data, width, height, to, hdr, quality)
        for (preset, width, height, to, hdr, quality), data in zip(
            message["renditions"], files, strict=True
        )
    )
    warnings, placeholder, colour, sandbox, compiled = message["rest"]
    # JSON has lists instead of tuples.
    facts: list[Any] = [tuple(a) if isinstance(a, list) else a for a in message["facts"]]
    return Rendered(
        Facts(*facts),
        renditions,
        tuple(warnings),
        placeholder,
        colour,
        sandbox,
        int(compiled),
    )


def _read_files(sizes: list[int], read: Read, most_bytes: int) -> list[bytes]:
    if not all(isinstance(size, int) and size >= 0 for size in sizes) or sum(sizes) > most_bytes:
        raise InvalidMessage("the sizes of the renditions are not possible")
    return [read(size) for size in sizes]
