"""The number of function calls between the Lambda handler and the first call to a store."""

import sys
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import pytest
from fakes.event_bus import FakeBus
from fakes.events import notification
from fakes.pipeline_deps import fake_deps
from fakes.stores import FakeRecords
from fakes.transform import Transforms
from fakes.variants import request_of

import imagemill
from imagemill.aws.retries import QueueDefault
from imagemill.domain.reconciliation import Reconciliation, to_message
from imagemill.domain.record import ImageRecord
from imagemill.functions import resize, transform
from imagemill.pipeline.concurrency import divide_memory
from imagemill.pipeline.telemetry import NullObserver

OWN_CODE = str(Path(imagemill.__file__).parent)
# From `handler` to the method of the store, both included.
MOST_FRAMES = 8
MESSAGES = {
    "create": notification("ObjectCreated:Put", "a.jpg"),
    "delete": notification("ObjectRemoved:Delete", "a.jpg"),
    "reconcile": to_message(Reconciliation("a.jpg")),
}


@dataclass
class CountingRecords(FakeRecords):
    """A table that notes the functions of our own code that led to its first call."""

    first_call: list[str] = field(default_factory=list)

    def get(self, image_id: str) -> ImageRecord | None:
        if not self.first_call:
            self.first_call = own_functions()
        return super().get(image_id)


@pytest.mark.parametrize("event", MESSAGES)
def test_the_first_store_is_called_within_eight_frames(
    event: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = CountingRecords()
    deps = replace(fake_deps(), records=records)
    monkeypatch.setattr(resize, "resize_deps", lambda: deps)
    monkeypatch.setattr(resize, "memory_budget", lambda: divide_memory(1_769))
    monkeypatch.setattr(resize, "event_bus", FakeBus)
    monkeypatch.setattr(resize, "observer", NullObserver)
    monkeypatch.setattr(resize, "retries", QueueDefault)

    answer = resize.handler(batch_of(MESSAGES[event]), context())

    path = [*records.first_call, "get"]
    assert answer == {"batchItemFailures": []}
    assert path[0] == "handler"
    assert len(path) <= MOST_FRAMES, path


def test_a_request_for_a_variant_reaches_the_first_store_within_eight_frames(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    transforms, records = Transforms(), CountingRecords()
    monkeypatch.setattr(transform, "isolate", lambda: None)
    monkeypatch.setattr(
        transform, "transform_deps", lambda: replace(transforms.deps, records=records)
    )
    event = {
        "rawPath": f"/{request_of('a.jpg', '40x.webp').key}",
        "requestContext": {"http": {"method": "GET"}},
    }

    answer = transform.handler(event, context())

    path = [*records.first_call, "get"]
    assert answer["statusCode"] == 404
    assert path[0] == "handler"
    assert len(path) <= MOST_FRAMES, path


def own_functions() -> list[str]:
    """Return the functions of our own code that are running: of the handler's thread, then ours."""
    if threading.current_thread() is threading.main_thread():
        return own_names(sys._getframe())  # noqa: SLF001  # as below
    frames = sys._current_frames()  # noqa: SLF001  # the only way to see another thread's stack
    return [
        *own_names(frames[threading.main_thread().ident or 0]),
        *own_names(frames[threading.get_ident()]),
    ]


def own_names(frame: FrameType | None) -> list[str]:
    """Return the names of the functions in a stack that are our own code, outermost first."""
    names = []
    while frame:
        if frame.f_code.co_filename.startswith(OWN_CODE):
            names.append(frame.f_code.co_name)
        frame = frame.f_back
    return names[::-1]


def batch_of(body: str) -> dict[str, Any]:
    """Return the event that Lambda passes for one message of a queue."""
    attributes = {"ApproximateReceiveCount": "1"}
    return {"Records": [{"messageId": "m", "body": body, "attributes": attributes}]}


def context() -> Any:  # noqa: ANN401  # stands for Lambda's context
    """Return the part of Lambda's context that the handler reads."""
    return SimpleNamespace(
        aws_request_id="r", get_remaining_time_in_millis=lambda: 60_000, function_name="f"
    )
