"""The calls of the backfill's state machine, made one by one with its role.

The embedded AWS runs a state machine without checking its role in IAM. So this module reads the
deployed definition and makes each of its calls itself, where IAM is enforced.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from live.permissions import PermissionHarness

_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}
# The calls with which a distributed map writes its results.
_RESULT_WRITER = "s3:putObject"
_METHODS = {
    "s3:listObjectsV2": ("s3", "list_objects_v2"),
    "aws-sdk:dynamodb:query": ("dynamodb", "query"),
    "aws-sdk:sqs:getQueueAttributes": ("sqs", "get_queue_attributes"),
    "sqs:sendMessage": ("sqs", "send_message"),
}
# Values for references to the input, chosen so that the calls have no effect.
_SAMPLE_INPUT = {"Prefix": "nothing/", "S": "x", "MessageBody": '{"Event":"s3:TestEvent"}'}
_EMPTY_RUN = json.dumps({"prefix": "nothing/"})


@dataclass(frozen=True)
class Call:
    """One call to AWS, as boto3 names it."""

    service: str
    method: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class StateMachineHarness:
    """Makes the calls of the state machine with its role."""

    harness: PermissionHarness

    def denied_calls(self) -> set[str]:
        """Make every call of the state machine and its map, and return those that IAM denies."""
        role = self.harness.as_role("BackfillRole")
        return {call.method for call in self._calls() if self._is_denied(call, role)}

    def _calls(self) -> Iterator[Call]:
        """Yield the call of every task, and the calls of a distributed map for its children."""
        states = self._client("stepfunctions", self.harness.session)
        machine = self.harness.physical_id("BackfillStateMachine")
        definition = states.describe_state_machine(stateMachineArn=machine)["definition"]
        for resource, parameters in _tasks(json.loads(definition)):
            if resource == _RESULT_WRITER:
                yield from _writes(parameters)
            else:
                yield Call(*_METHODS[resource], _filled(parameters))
        start = {"stateMachineArn": machine, "input": _EMPTY_RUN}
        child = {"executionArn": states.start_execution(**start)["executionArn"]}
        yield Call("stepfunctions", "start_execution", start)
        yield Call("stepfunctions", "describe_execution", child)
        yield Call("stepfunctions", "stop_execution", child)

    def _is_denied(self, call: Call, role: boto3.Session) -> bool:
        try:
            getattr(self._client(call.service, role), call.method)(**call.arguments)
        except ClientError as fault:
            # IAM is checked before the parameters, so any other error means access
            return fault.response["Error"]["Code"] in _DENIED
        return False

    def _client(self, service: str, session: boto3.Session) -> Any:  # noqa: ANN401  # the type depends on the service
        endpoint = self.harness.stack.address.endpoint
        config = Config(inject_host_prefix=False)
        return session.client(service, endpoint_url=endpoint, config=config)  # type: ignore[call-overload]  # ditto


def _writes(parameters: dict[str, str]) -> Iterator[Call]:
    """Yield the calls that write a file of results in several parts."""
    place = {"Bucket": parameters["Bucket"], "Key": f"{parameters['Prefix']}/x"}
    yield Call("s3", "put_object", place)
    yield Call("s3", "get_object", place)
    yield Call("s3", "list_parts", place | {"UploadId": "x"})
    yield Call("s3", "abort_multipart_upload", place | {"UploadId": "x"})


def _tasks(state: Any) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401  # JSON of the state machine
    """Yield the action and the parameters of every task in a definition."""
    if isinstance(state, dict) and "Resource" in state:
        yield state["Resource"].rpartition(":states:::")[2], state["Parameters"]
    for inner in state.values() if isinstance(state, dict) else state:
        if isinstance(inner, dict | list):
            yield from _tasks(inner)


def _filled(parameters: Any) -> Any:  # noqa: ANN401  # ditto
    """Replace references to the input by sample values: `"S.$": "$.run"` becomes `"S": "x"`."""
    if not isinstance(parameters, dict):
        return parameters
    plain = {name: _filled(value) for name, value in parameters.items() if name[-2:] != ".$"}
    return plain | {name[:-2]: _SAMPLE_INPUT[name[:-2]] for name in parameters if name[-2:] == ".$"}
