"""The functions' log: one JSON object per line, on stdout.

Fields and settings are those of Powertools' Logger, which takes 30 ms more to load.
"""

import json
import logging
import os
import sys
import time
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imagemill.functions.context import LambdaContext

_LOGGER_NAME = "imagemill"
# Attributes of every record; a record has others if its call has `extra`.
_STANDARD = frozenset(vars(logging.makeLogRecord({})))


class JsonFormatter(logging.Formatter):
    """Writes records as JSON objects. `common` are fields that every line has."""

    # RFC 3339, because Lambda reads the level only of lines with such a timestamp.
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03d+00:00"

    def __init__(self, **common: object) -> None:
        super().__init__()
        self.converter = time.gmtime
        self.common = common

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; fields that are None are left out."""
        fields = {
            "level": record.levelname,
            "message": record.getMessage(),
            "timestamp": self.formatTime(record),
            **self.common,
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
            **self._exception(record),
            "xray_trace_id": _trace_id(),
        }
        present = {name: value for name, value in fields.items() if value is not None}
        return json.dumps(present, default=str, ensure_ascii=False, separators=(",", ":"))

    def _exception(self, record: logging.LogRecord) -> dict[str, Any]:
        if not record.exc_info or record.exc_info[0] is None:
            return {}
        name = record.exc_info[0].__name__
        return {"exception": self.formatException(record.exc_info), "exception_name": name}


@cache
def logger() -> logging.Logger:
    """Return the logger of all modules of `imagemill`; configured on the first call.

    It filters by level itself, because Lambda's filter would drop metrics, which have no level.
    """
    # CloudWatch would bill the INFO lines of third-party libraries.
    logging.getLogger().setLevel(logging.WARNING)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter())
    ours = logging.getLogger(_LOGGER_NAME)
    ours.addHandler(handler)
    # Lambda's own handler would write every line again.
    ours.propagate = False
    ours.setLevel(_level())
    return ours


@cache
def formatter() -> JsonFormatter:
    """Return the formatter of the functions' log, with the settings of the environment."""
    return JsonFormatter(
        service=os.environ.get("POWERTOOLS_SERVICE_NAME"), sampling_rate=_sampling_rate()
    )


def begin(context: "LambdaContext") -> None:
    """Start an invocation: sample whether to log it at DEBUG, and add its id to every line."""
    logger().setLevel(logging.DEBUG if _is_sampled() else _level())
    formatter().common["request_id"] = context.aws_request_id


def _level() -> str:
    return os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO")


def _is_sampled() -> bool:
    rate = float(_sampling_rate() or 0)
    # Not by `random`, which takes 1 ms to load.
    return int.from_bytes(os.urandom(4), "big") < rate * 2**32


def _sampling_rate() -> str | None:
    return os.environ.get("POWERTOOLS_LOGGER_SAMPLE_RATE")


def _trace_id() -> str | None:
    """Return the id of the X-Ray trace; None if Lambda does not trace this invocation."""
    header = os.environ.get("_X_AMZN_TRACE_ID")
    return header.partition(";")[0].removeprefix("Root=") if header else None
