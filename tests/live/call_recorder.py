"""Run a function in this process and record its calls to AWS.

`python -m live.call_recorder resize|api` reads a list of events from stdin and prints the record.
"""

import json
import sys
import urllib.error
import urllib.request
from http import HTTPStatus
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from imagemill.aws.light import ServiceError
from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.wiring import api_function, resize_function

_LAMBDA = SimpleNamespace(
    get_remaining_time_in_millis=lambda: 60_000,
    aws_request_id="8286a188-ba32-4475-8077-530cd35c09a9",
    function_name="permission-test",
    memory_limit_in_mb=DEFAULT_MEMORY_MB,
    invoked_function_arn="arn",
)


class CallRecorder:
    """Records the calls of a function's clients, and the operations that IAM denied."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.refused: list[str] = []

    def record_call(self, params: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401  # botocore's
        """Record a call, or a URL that is presigned for one."""
        texts = {name: value for name, value in params.items() if isinstance(value, str)}
        service = model.service_model.service_name
        self.calls.append({"service": service, "operation": model.name, "params": texts})

    def record_denial(self, parsed: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401  # ditto
        """Record the operation if IAM denied it."""
        if parsed["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.FORBIDDEN or (
            # DynamoDB answers 400 instead of 403
            parsed.get("Error", {}).get("Code") == "AccessDeniedException"
        ):
            self.refused.append(model.name)

    def recording(self, kind: type[Any], service: str) -> type[Any]:
        """Return a subclass of a client that records every call."""
        recorder = self

        class Recording(kind):  # type: ignore[misc]  # a base that is not known before
            def __getattribute__(self, name: str) -> Any:  # noqa: ANN401  # any attribute
                found = super().__getattribute__(name)
                return found if name.startswith("_") else recorder._recorded(service, name, found)

        return Recording

    def _recorded(self, service: str, name: str, call: Any) -> Any:  # noqa: ANN401  # a client's method
        operation = "".join(map(str.capitalize, name.split("_")))

        def recorded(**params: Any) -> Any:  # noqa: ANN401  # as boto3's
            texts = {key: value for key, value in params.items() if isinstance(value, str)}
            self.calls.append({"service": service, "operation": operation, "params": texts})
            try:
                return call(**params)
            except ServiceError as refusal:
                self._record_refusal(refusal, operation)
                raise

        return recorded

    def _record_refusal(self, refusal: ServiceError, operation: str) -> None:
        code, answer = refusal.response["Error"]["Code"], refusal.response["ResponseMetadata"]
        if answer["HTTPStatusCode"] == HTTPStatus.FORBIDDEN or code == "AccessDeniedException":
            self.refused.append(operation)


def follow(answer: dict[str, Any]) -> int:
    """Return the status of an answer; a redirect is followed."""
    status = int(answer.get("statusCode", 200))
    if status != HTTPStatus.FOUND:
        return status
    address = answer["multiValueHeaders"]["Location"][0]
    try:
        with urllib.request.urlopen(address, timeout=30) as found:  # noqa: S310  # the embedded AWS
            return int(found.status)
    except urllib.error.HTTPError as fault:
        return fault.code


def main(function: str) -> None:
    """Run the function on every event and print its calls, denials, failures and statuses."""
    recorder = CallRecorder()
    session = api_function.api_session()
    session.register("provide-client-params.*.*", recorder.record_call)  # type: ignore[arg-type]  # the stubs want a wider signature
    session.register("after-call.*.*", recorder.record_denial)  # type: ignore[arg-type]  # ditto
    for kind in ("S3", "DynamoDB", "Events"):
        setattr(
            resize_function, kind, recorder.recording(getattr(resize_function, kind), kind.lower())
        )
    handler = import_module(f"imagemill.functions.{function}").handler
    answers = [handler(event, _LAMBDA) for event in json.load(sys.stdin)]
    failed = [a["batchItemFailures"] for a in answers if "batchItemFailures" in a]
    seen = {
        "calls": recorder.calls,
        "refused": recorder.refused,
        "failed": sum(map(len, failed)),
        "statuses": [follow(a) for a in answers if "statusCode" in a],
    }
    print("\n" + json.dumps(seen))  # noqa: T201  # the output of a command, after the logs


if __name__ == "__main__":
    main(sys.argv[1])
