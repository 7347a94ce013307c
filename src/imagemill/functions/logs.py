"""The functions' log: JSON lines by Powertools."""

import logging
import os
from functools import cache
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_LOGGER_NAME = "imagemill"


@cache
def logger() -> Logger:
    """Return the logger, which all modules of `imagemill` share; made on the first call.

    Its timestamps are RFC 3339, because Lambda reads the level only of lines with such a timestamp.
    It filters by level itself, because Lambda's filter would drop metrics, which have no level.
    """
    ours = Logger(use_rfc3339=True, serialize_stacktrace=False, location=None)
    ours.initial_log_level = os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO")
    # CloudWatch would bill the INFO lines of third-party libraries.
    logging.getLogger().setLevel(logging.WARNING)
    # The logger has to exist before its configuration can be copied.
    logging.getLogger(_LOGGER_NAME)
    copy_config_to_registered_loggers(ours, include={_LOGGER_NAME})
    # Copying adds this key if the service has another name than the logger.
    ours.remove_keys(["name"])
    return ours


def begin(context: "LambdaContext") -> None:
    """Start an invocation: sample whether to log it at DEBUG, and add its id to every line."""
    ours = logger()
    ours.refresh_sample_rate_calculation()
    logging.getLogger(_LOGGER_NAME).setLevel(ours.log_level)
    ours.append_keys(request_id=context.aws_request_id)
