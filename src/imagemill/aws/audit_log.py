"""The audit log of a stack in CloudWatch Logs: lines of the API's function and of commands."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from imagemill.aws.errors import usable
from imagemill.domain.audit_entry import MESSAGE, AuditEntry, entry_of, line_of

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_sts.client import STSClient

# The stream of the commands' lines; the function has streams of its own.
_STREAM = "audit"


class AuditLog:
    """Reads the audit log, and adds the changes of a command."""

    def __init__(self, logs: "CloudWatchLogsClient", sts: "STSClient", group: str) -> None:
        self._logs = logs
        self._sts = sts
        self._group = group

    def entries(self, since_s: float) -> list[AuditEntry]:
        """Return the entries since a time, in epoch seconds, oldest first."""
        with usable("the audit log"):
            pages = self._logs.get_paginator("filter_log_events").paginate(
                logGroupName=self._group, startTime=int(since_s * 1000), filterPattern=MESSAGE
            )
            events = [event for page in pages for event in page["events"]]
        events.sort(key=lambda event: event["timestamp"])
        found = (entry_of(event["message"], _iso(event["timestamp"])) for event in events)
        return [entry for entry in found if entry]

    def add(self, action: str, target: str) -> None:
        """Add a change by the owner of the AWS credentials."""
        with usable("the audit log"):
            actor = f"iam:{self._sts.get_caller_identity()['Arn']}"
            with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
                self._logs.create_log_stream(logGroupName=self._group, logStreamName=_STREAM)
            line = line_of(action, actor, target)
            self._logs.put_log_events(
                logGroupName=self._group,
                logStreamName=_STREAM,
                logEvents=[{"timestamp": time.time_ns() // 1_000_000, "message": line}],
            )


def _iso(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
