"""SnapStart: what is in the snapshot that Lambda takes of ResizeImageFunction, and what is not.

In it is all that a first image needs and that is the same for every copy: modules, decoders,
clients that have asked for nothing yet. Not in it is what perishes or must be a copy's own:
connections, keys of AWS, random numbers that are still to be drawn.
"""

import os
import random
import ssl
from collections.abc import Mapping
from contextlib import suppress

from imagemill.functions.logs import logger
from imagemill.functions.observer import observer
from imagemill.wiring.resize_function import preload_libraries

_RANDOM_BYTES = 32


def expect_snapshot(environ: Mapping[str, str]) -> None:
    """Tell Lambda's runtime what to do before a snapshot and after a restore, where there is one.

    To be called while the function is imported, since that is when the runtime looks.
    """
    if "IMAGEMILL_SNAPSHOT_OF" not in environ:
        return
    with suppress(ImportError):  # what takes no snapshot has no such module
        from snapshot_restore_py import (  # noqa: PLC0415  # of Lambda's runtime
            register_after_restore,
            register_before_snapshot,
        )

        register_before_snapshot(get_ready)
        register_after_restore(differ)


def get_ready() -> None:
    """Make and load all that a first image needs; raises ConfigurationInvalid."""
    preload_libraries()
    observer()
    logger()


def differ() -> None:
    """Draw other random numbers from here on than every copy of the same snapshot would."""
    random.seed()
    ssl.RAND_add(os.urandom(_RANDOM_BYTES), _RANDOM_BYTES)
