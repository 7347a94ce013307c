"""A function run here with its role's rights, telling every call it makes to AWS.

`python -m live.witness resize|api` takes a list of events on stdin and prints what it saw.
"""

import json
import sys
import urllib.error
import urllib.request
from http import HTTPStatus
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from imagemill.aws.errors import RequestRefused
from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.wiring import api_function, resize_function

_LAMBDA = SimpleNamespace(
    get_remaining_time_in_millis=lambda: 60_000,
    aws_request_id="8286a188-ba32-4475-8077-530cd35c09a9",
    function_name="witness",
    memory_limit_in_mb=DEFAULT_MEMORY_MB,
    invoked_function_arn="arn",
)


class Witness:
    """Remembers the calls of a function's clients, and which of them were refused."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.refused: list[str] = []

    def asked(self, params: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401  # botocore's
        """Remember a call, or an address that is signed for one."""
        texts = {name: value for name, value in params.items() if isinstance(value, str)}
        service = model.service_model.service_name
        self.calls.append({"service": service, "operation": model.name, "params": texts})

    def answered(self, parsed: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401  # ditto
        """Remember a call that AWS refused for want of rights."""
        if parsed["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.FORBIDDEN or (
            parsed.get("Error", {}).get("Code") == "AccessDeniedException"  # DynamoDB's, a 400
        ):
            self.refused.append(model.name)

    def beside(self, kind: type[Any], service: str) -> type[Any]:
        """Return a kind of lean client that tells of every call."""
        witness = self

        class Watched(kind):  # type: ignore[misc]  # whatever kind it is
            def __getattribute__(self, name: str) -> Any:  # noqa: ANN401  # methods and all else
                found = super().__getattribute__(name)
                return found if name.startswith("_") else witness._watched(service, name, found)

        return Watched

    def _watched(self, service: str, name: str, call: Any) -> Any:  # noqa: ANN401  # a client's method
        operation = "".join(map(str.capitalize, name.split("_")))

        def watched(**params: Any) -> Any:  # noqa: ANN401  # as boto3's
            texts = {key: value for key, value in params.items() if isinstance(value, str)}
            self.calls.append({"service": service, "operation": operation, "params": texts})
            try:
                return call(**params)
            except RequestRefused as refusal:
                self._refused_by(refusal, operation)
                raise

        return watched

    def _refused_by(self, refusal: RequestRefused, operation: str) -> None:
        code, answer = refusal.response["Error"]["Code"], refusal.response["ResponseMetadata"]
        if answer["HTTPStatusCode"] == HTTPStatus.FORBIDDEN or code == "AccessDeniedException":
            self.refused.append(operation)


def follow(answer: dict[str, Any]) -> int:
    """Return the status of an answer, or of where it leads."""
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
    """Run the function on every event."""
    witness = Witness()
    session = api_function.api_session()
    session.register("provide-client-params.*.*", witness.asked)  # type: ignore[arg-type]  # it takes what it needs
    session.register("after-call.*.*", witness.answered)  # type: ignore[arg-type]  # ditto
    for kind in ("S3", "DynamoDB", "Events"):  # the resizer's
        setattr(resize_function, kind, witness.beside(getattr(resize_function, kind), kind.lower()))
    handler = import_module(f"imagemill.functions.{function}").handler
    answers = [handler(event, _LAMBDA) for event in json.load(sys.stdin)]
    failed = [a["batchItemFailures"] for a in answers if "batchItemFailures" in a]
    seen = {
        "calls": witness.calls,
        "refused": witness.refused,
        "failed": sum(map(len, failed)),
        "statuses": [follow(a) for a in answers if "statusCode" in a],
    }
    print("\n" + json.dumps(seen))  # noqa: T201  # a command's answer, after the logs


if __name__ == "__main__":
    main(sys.argv[1])
