"""Handle the completion events that ask to archive an original."""

import json
import logging
from collections.abc import Callable, Sequence

from imagemill.archive.archive_original import Result
from imagemill.archive.deps import ArchiveDeps
from imagemill.archive.unpack_original import unpack_original
from imagemill.dataclass import dataclass
from imagemill.domain import checks
from imagemill.domain.keys import is_image_id
from imagemill.errors import ImagemillError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueuedImage:
    """One queue message with a completion event."""

    message_id: str
    body: str


def archive_all(images: Sequence[QueuedImage], archive: Callable[[str], Result]) -> list[str]:
    """Archive the original of each event; return the ids of the messages to deliver again."""
    return [image.message_id for image in images if not _is_done(image, archive)]


def _is_done(image: QueuedImage, archive: Callable[[str], Result]) -> bool:
    facts = {"message_id": image.message_id}
    try:
        found = _image_id(image.body)
        facts["id"] = found
        result = archive(found)
    except Exception as fault:  # noqa: BLE001  # the outermost edge of one message
        is_known = isinstance(fault, ImagemillError)
        why = {"why": str(fault)} if is_known else {}
        _log.warning("archiving failed", extra=facts | why, exc_info=None if is_known else fault)
        return False
    _log.info("original handled", extra=facts | {"result": str(result)})
    return True


def _image_id(body: str) -> str:
    """Return the id of the image in a completion event; raises ValueError."""
    image = checks.field(checks.field(json.loads(body), "detail"), "image")
    found = checks.field(image, "id")
    if not isinstance(found, str) or not is_image_id(found):
        raise ValueError("expected the id of an image")
    return found


def answer_unpacking(image_id: str, deps: ArchiveDeps) -> dict[str, str]:
    """Return the key of an unpacked original, or the code and the message of an error."""
    try:
        return {"key": unpack_original(image_id, deps)}
    except ImagemillError as fault:
        _log.warning("unpacking failed", extra={"id": image_id, "why": str(fault)})
        return {"code": fault.code, "message": str(fault)}
