"""Backfills: executions of the state machine, and the permission that each of them needs."""

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from imagemill.aws.errors import error_code, translated
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.reconciliation import Concern

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

    from imagemill.aws.item_clients import ItemClient

_MACHINE = "the backfill state machine"
_TABLE = "the backfills table"
_LATEST = "latest"
# Error codes for an execution that was never started or is no longer kept (90 days).
_UNKNOWN = frozenset({"ExecutionDoesNotExist", "ExecutionNotFound"})
# StopExecution's error code for an execution that has ended.
_ENDED = "ValidationException"
# Seconds until a permission expires; Step Functions keeps executions as long.
_LIFETIME_S = 90 * 24 * 3600


class BackfillRuns:
    """Implements `backfill.execute.Runs`."""

    def __init__(
        self, states: "SFNClient", dynamodb: "ItemClient", machine_arn: str, table: str
    ) -> None:
        self._states = states
        self._dynamodb = dynamodb
        self._machine_arn = machine_arn
        self._table = table

    def latest(self) -> BackfillRun | None:
        """Return the run that was started last; None if there never was one."""
        with translated(_TABLE):
            found = self._dynamodb.get_item(
                TableName=self._table, Key={"id": {"S": _LATEST}}, ConsistentRead=True
            )
        return _run(json.loads(str(found["Item"]["facts"]["S"]))) if "Item" in found else None

    def permit(self, run: BackfillRun, open_until: str, now_s: int) -> None:
        """Permit a run until this time (ISO 8601 UTC with milliseconds), and store its expenses."""
        expiry = {"N": str(now_s + _LIFETIME_S)}
        permission = {"id": {"S": run.name}, "open_until": {"S": open_until}, "expires_at": expiry}
        latest = {"id": {"S": _LATEST}, "facts": {"S": json.dumps(_facts(run))}}
        with translated(_TABLE):
            self._dynamodb.put_item(TableName=self._table, Item=permission)
            self._dynamodb.put_item(TableName=self._table, Item=latest)

    def start(self, run: BackfillRun, prefix: str, backlog: int) -> None:
        """Start to send every original with the prefix to the queue.

        The execution pauses while `backlog` messages or more wait in the queue.
        """
        params = {
            "prefix": prefix,
            "only": sorted(run.concerns),
            "codes": sorted(run.codes),
            "backlog": backlog,
        }
        with translated(_MACHINE):
            self._states.start_execution(
                stateMachineArn=self._machine_arn, name=run.name, input=json.dumps(params)
            )

    def is_sending(self, run: BackfillRun) -> bool:
        """Return whether the run's execution still sends messages."""
        with translated(_MACHINE):
            try:
                found = self._states.describe_execution(executionArn=self._arn(run))
            except ClientError as fault:
                if error_code(fault) in _UNKNOWN:
                    return False
                raise
        return found["status"] == "RUNNING"

    def stop(self, run: BackfillRun) -> None:
        """Stop the run's execution, if it is running."""
        with translated(_MACHINE):
            try:
                self._states.stop_execution(executionArn=self._arn(run), cause="stopped by command")
            except ClientError as fault:
                if error_code(fault) not in _UNKNOWN | {_ENDED}:
                    raise

    def _arn(self, run: BackfillRun) -> str:
        machine = self._machine_arn.replace(":stateMachine:", ":execution:")
        return f"{machine}:{run.name}"


def _facts(run: BackfillRun) -> dict[str, Any]:
    return {
        "name": run.name,
        "prefix": run.prefix,
        "concerns": sorted(run.concerns),
        "budget": run.budget,
        "spent": run.spent,
        "codes": sorted(run.codes),
    }


def _run(facts: dict[str, Any]) -> BackfillRun:
    read = {
        "concerns": frozenset(map(Concern, facts["concerns"])),
        "codes": frozenset(facts.get("codes", ())),
    }
    return BackfillRun(**facts | read)
