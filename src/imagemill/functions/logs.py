"""The functions' log: JSON lines by Powertools, ours and those of the modules below."""

from functools import cache

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers


@cache
def logger() -> Logger:
    """Return the one logger, made on the first call and shared with `imagemill`'s modules."""
    ours = Logger()
    copy_config_to_registered_loggers(ours, include={"imagemill"})
    return ours
