"""Run a function in this process and record its calls to AWS.

`python -m live.call_recorder FUNCTION` reads events from stdin and prints the record; FUNCTION is
resize, transform, api or webhook.
"""

import json
import sys
import urllib.error
import urllib.request
from http import HTTPStatus
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from imagemill.aws.light import (
    S3,
    SQS,
    DynamoDB,
    Events,
    SecretsManager,
    ServiceError,
    clients,
    copying,
    multipart,
)
from imagemill.aws.light.copying import CopyingS3
from imagemill.aws.light.multipart import MultipartS3
from imagemill.aws.light.presign import PostForm, S3Presigner
from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.wiring import (
    api_function,
    presign,
    private_links,
    resize_function,
    shares,
    transform_function,
    webhook_function,
)

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

    def presigning(self) -> type[S3Presigner]:
        """Return a presigner that records the calls which its URLs and forms allow."""
        recorder = self

        class Recording(S3Presigner):
            def get_object_url(self, bucket: str, key: str, *more: Any) -> str:  # noqa: ANN401  # not recorded
                recorder._record("s3", "GetObject", {"Bucket": bucket, "Key": key})
                return super().get_object_url(bucket, key, *more)

            def post_form(self, bucket: str, key: str, *more: Any) -> PostForm:  # noqa: ANN401  # ditto
                recorder._record("s3", "PutObject", {"Bucket": bucket, "Key": key})
                return super().post_form(bucket, key, *more)

        return Recording

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
            self._record(service, operation, params)
            try:
                return call(**params)
            except ServiceError as refusal:
                self._record_refusal(refusal, operation)
                raise

        return recorded

    def _record(self, service: str, operation: str, params: dict[str, Any]) -> None:
        texts = {name: value for name, value in params.items() if isinstance(value, str)}
        for table in params.get("RequestItems", {}):
            texts["TableName"] = table
        self.calls.append({"service": service, "operation": operation, "params": texts})

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
    for kind in (S3, DynamoDB, Events):
        recording = recorder.recording(kind, kind.__name__.lower())
        setattr(resize_function, kind.__name__, recording)
        setattr(transform_function, kind.__name__, recording)
        setattr(api_function, kind.__name__, recording)
        setattr(shares, kind.__name__, recording)
    secrets = recorder.recording(SecretsManager, SecretsManager.__name__.lower())
    setattr(private_links, SecretsManager.__name__, secrets)
    setattr(webhook_function, SecretsManager.__name__, secrets)
    setattr(shares, SecretsManager.__name__, secrets)
    setattr(multipart, MultipartS3.__name__, recorder.recording(MultipartS3, "s3"))
    setattr(copying, CopyingS3.__name__, recorder.recording(CopyingS3, "s3"))
    # The API's function loads it when it is first used.
    setattr(clients, SQS.__name__, recorder.recording(SQS, "sqs"))
    setattr(presign, S3Presigner.__name__, recorder.presigning())
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
