"""Messages between the function's process and a worker process.

A message is a length, a JSON object, and files. Nothing is pickled: a worker that was taken over
can only send plain values, and those are checked here.
"""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import cast

from imagemill import errors
from imagemill.errors import ImageRejected
from imagemill.imaging.facts import Facts
from imagemill.imaging.limits import Limits
from imagemill.imaging.rendered import Rendered, Rendition
from imagemill.recipe import Recipe

# Returns exactly this many bytes of the other process; raises EOFError if it ended before.
Read = Callable[[int], bytes]
# Lengths in bytes: of a job's terms and file, and of an answer.
_JOB, _LENGTH = struct.Struct(">II"), struct.Struct(">I")
# Bytes: an answer names some facts and at most 20 renditions.
_MOST_JSON_BYTES = 1 << 20
_NAMES = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (Rendered, Rendition, Facts, Limits)
}
_REJECTIONS: dict[str, type[ImageRejected]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, ImageRejected)
}


class InvalidMessage(Exception):
    """The message of a worker is not one that a worker sends."""


@dataclass(frozen=True, slots=True)
class Job:
    """One image to render. `most_s` is the whole number of seconds after which the worker ends."""

    data: bytes
    recipe: Recipe
    limits: Limits
    sandboxed: bool
    most_s: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a job; `is_last` if the worker takes no other job."""

    result: Rendered | Exception
    is_last: bool = False


def encode_job(job: Job) -> list[bytes]:
    """Return the parts of the message."""
    terms = _encoded_terms(job.recipe, job.limits, job.most_s, sandboxed=job.sandboxed)
    return [_JOB.pack(len(terms), len(job.data)) + terms, job.data]


def read_job(read: Read) -> Job:
    """Read a job from the function's process, which is trusted."""
    terms_bytes, file_bytes = _JOB.unpack(read(_JOB.size))
    terms = _read_terms(read(terms_bytes))
    return replace(terms, data=read(file_bytes))


# The terms are the same for nearly all images of a function, apart from the seconds.
@lru_cache(maxsize=64)
def _encoded_terms(recipe: Recipe, limits: Limits, most_s: int, *, sandboxed: bool) -> bytes:
    terms = {
        # In the order of the presets; the text of a whole recipe is sorted by name.
        "recipe": ",".join(map(str, recipe.presets)),
        "limits": _plain(limits),
        "sandboxed": sandboxed,
        "most_s": most_s,
    }
    return json.dumps(terms).encode()


@lru_cache(maxsize=64)
def _read_terms(text: bytes) -> Job:
    """Return a job without its file."""
    terms = json.loads(text)
    recipe, limits = Recipe.parse(terms["recipe"]), Limits(**terms["limits"])
    return Job(b"", recipe, limits, terms["sandboxed"], terms["most_s"])


def encode_answer(answer: Answer) -> list[bytes]:
    """Return the parts of the message; an unexpected error is sent by its name."""
    result = answer.result
    if isinstance(result, Rendered):
        message = _plain(result) | {
            "facts": _plain(result.facts),
            "renditions": [_described(rendition) for rendition in result.renditions],
        }
        files = [rendition.data for rendition in result.renditions]
    elif type(result).__name__ in _REJECTIONS:
        message, files = {"rejection": type(result).__name__, "message": str(result)}, []
    else:
        message, files = {"error": f"{type(result).__name__} while rendering: {result}"}, []
    return [_encode(message | {"is_last": answer.is_last}), *files]


def read_answer(read: Read, most_bytes: int) -> Answer:
    """Read an answer whose files have `most_bytes` together; raises InvalidMessage otherwise."""
    (length,) = _LENGTH.unpack(read(_LENGTH.size))
    if length > _MOST_JSON_BYTES:
        raise InvalidMessage("the answer is too long")
    try:
        message = json.loads(read(length))
        return Answer(_result(message, read, most_bytes), message.pop("is_last") is not False)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as fault:
        raise InvalidMessage("the answer has another form than expected") from fault


def _result(message: dict[str, object], read: Read, most_bytes: int) -> Rendered | Exception:
    if "rejection" in message:
        return _REJECTIONS[str(message["rejection"])](str(message["message"]))
    if "error" in message:
        return RuntimeError(str(message["error"]))
    described = cast("list[dict[str, object]]", message["renditions"])
    sizes = [_size(rendition["data"]) for rendition in described]
    if sum(sizes) > most_bytes:
        raise InvalidMessage("the renditions are too large")
    given = {name: message[name] for name in _NAMES[Rendered]}
    renditions = tuple(
        Rendition(**(rendition | {"data": read(size)}))  # type: ignore[arg-type]
        for rendition, size in zip(described, sizes, strict=True)
    )
    facts = Facts(**_frozen(cast("dict[str, object]", message["facts"])))  # type: ignore[arg-type]
    return Rendered(**(_frozen(given) | {"facts": facts, "renditions": renditions}))  # type: ignore[arg-type]


def _size(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise InvalidMessage("a size is not a number of bytes")
    return value


def _described(rendition: Rendition) -> dict[str, object]:
    return _plain(rendition) | {"data": len(rendition.data)}


def _encode(message: dict[str, object]) -> bytes:
    text = json.dumps(message).encode()
    return _LENGTH.pack(len(text)) + text


def _plain(value: Rendered | Rendition | Facts | Limits) -> dict[str, object]:
    return {name: getattr(value, name) for name in _NAMES[type(value)]}


def _frozen(values: dict[str, object]) -> dict[str, object]:
    """Return the values with lists as tuples, which JSON does not have."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
