"""Process an image again on a caller's request."""

from imagemill.api.look import LookDeps
from imagemill.api.read import read, require_stored
from imagemill.domain.caller import Caller
from imagemill.domain.reconciliation import EVERYTHING, Concern, Reconciliation, to_message
from imagemill.domain.record import ImageRecord


def reprocess(image: str, deps: LookDeps, caller: Caller) -> ImageRecord:
    """Ask a worker to make an image again, in any state, and return its record.

    The record stays as it is until then. The message names its revision, so that a message that is
    delivered twice has the image made once. Raises NotFound, Gone, NotReady for an image that is
    being processed, and TransientFault when a store fails.
    """
    record = require_stored(read(image, deps.records, caller))
    concerns = EVERYTHING | {Concern.REQUESTED}
    look = Reconciliation(record.key, concerns, revision=record.revision)
    deps.queue.send_later(to_message(look), 0)
    return record
