"""The functions' log: JSON lines by Powertools, ours and those of the modules below."""

import logging
import os
from functools import cache
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_OURS = "imagemill"


@cache
def logger() -> Logger:
    """Return the one logger, made on the first call and shared with `imagemill`'s modules.

    Its times are RFC 3339: else Lambda takes every line for one of level INFO. It alone decides
    by level, for Lambda's own filter would drop metrics, which have none.
    """
    ours = Logger(use_rfc3339=True, serialize_stacktrace=False, location=None)
    ours.initial_log_level = os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO")
    logging.getLogger().setLevel(logging.WARNING)  # what libraries whisper is paid for, too
    logging.getLogger(_OURS)  # only a logger that there is already is shared with
    copy_config_to_registered_loggers(ours, include={_OURS})
    ours.remove_keys(["name"])  # which it adds, for a stack that is not called imagemill
    return ours


def begin(context: "LambdaContext") -> None:
    """Begin an invocation: draw lots whether to tell all of it, and name it in every line."""
    ours = logger()
    ours.refresh_sample_rate_calculation()
    logging.getLogger(_OURS).setLevel(ours.log_level)
    ours.append_keys(request_id=context.aws_request_id)
