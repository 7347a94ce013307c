"""Messages of a worker: they arrive whole, and a forged one does no harm."""

import io
import json
from dataclasses import replace
from mmap import mmap

import pytest
from fakes.renderers import FACTS
from hypothesis import given
from hypothesis import strategies as st

from imagemill import errors
from imagemill.errors import ImageRejected
from imagemill.imaging import DEFAULT_LIMITS, Rendered, Rendition
from imagemill.imaging.worker.messages import (
    Answer,
    InvalidMessage,
    Job,
    encode_answer,
    encode_job,
    read_answer,
    read_job,
)
from imagemill.recipe import Recipe

FULL = replace(FACTS, codes=(9, 16), chromaticities=(1, 2, 3), extra_cpu_s=0.1, camera="Ω")
RECIPE = Recipe.parse("b=500, a=80x:webp:q7, x90")
RENDERED = Rendered(
    FULL,
    (Rendition("b", b"\0\xff", 3, 2, "jpeg"), Rendition("a", b"", 1, 1, "png")),
    ("hdr", "truncated"),
    "placeholder",
    "#aabbcc",
    "drawn",
    2,
)
REJECTIONS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ImageRejected)
]


def no_memory() -> mmap:
    raise AssertionError("the shared memory is not used")


def received(parts: list[bytes], most_bytes: int = 1 << 20) -> Answer:
    return read_answer(io.BytesIO(b"".join(parts)).read, most_bytes)


@pytest.mark.parametrize("is_last", [True, False])
def test_a_result_arrives_as_it_was(is_last: bool) -> None:
    answer = Answer(RENDERED, is_last)

    assert received(encode_answer(answer)) == answer


@pytest.mark.parametrize("kind", REJECTIONS)
def test_a_rejection_arrives_with_its_class_and_message(kind: type[ImageRejected]) -> None:
    answer = received(encode_answer(Answer(kind("the message"))))

    assert type(answer.result) is kind
    assert str(answer.result) == "the message"


def test_a_job_arrives_as_it_was() -> None:
    job = Job(b"\0data", RECIPE, DEFAULT_LIMITS, sandboxed=False, described=True, most_s=12)

    assert read_job(io.BytesIO(b"".join(encode_job(job, None))).read, no_memory) == job


@pytest.mark.parametrize(
    "changed",
    [
        {"files": [-1, 0]},
        {"files": [1 << 30, 0]},
        {"files": ["1", 0]},
        {"files": [1]},
        {"renditions": [["b"], ["a"]]},
        {"renditions": 5},
        {"facts": ["jpeg"]},
        {"facts": {}},
        {"rest": []},
        {"rejection": "ConfigurationInvalid", "message": ""},
        {"rejection": []},
    ],
)
def test_a_forged_result_is_an_invalid_message(changed: dict[str, object]) -> None:
    [head, *files] = encode_answer(Answer(RENDERED))
    text = json.dumps(json.loads(head[4:]) | changed).encode()

    with pytest.raises((InvalidMessage, EOFError)):
        received([len(text).to_bytes(4, "big"), text, *files, bytes(9)])


@given(st.binary())
def test_arbitrary_bytes_are_an_invalid_message(sent: bytes) -> None:
    def read(size: int) -> bytes:
        piece = stream.read(size)
        if len(piece) < size:
            raise EOFError
        return piece

    stream = io.BytesIO(sent)
    with pytest.raises((InvalidMessage, EOFError)):
        read_answer(read, 1 << 20)
