"""Upload local files as originals, several in parallel."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from imagemill.dataclass import dataclass
from imagemill.domain.event import NO_CHOICES, UploadChoices
from imagemill.domain.keys import MAX_KEY_BYTES
from imagemill.domain.media_types import content_type_of
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.record import Fault
from imagemill.domain.stores import OriginalFileUploads
from imagemill.errors import RequestFault, SetupFailed, TransientFault
from imagemill.operations.find_files import FoundFile
from imagemill.operations.parallel import results

# Default number of parallel uploads.
UPLOADS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Upload:
    """A local file, the key to store it with, and the choices of its upload."""

    path: Path
    key: str
    choices: UploadChoices = NO_CHOICES


@dataclass(frozen=True, slots=True)
class UploadResult:
    """The result of an upload: `version` if the file was stored, `error` if it was not."""

    upload: Upload
    version: ObjectVersion | None = None
    error: Fault | None = None


def plan_uploads(
    found: Iterable[FoundFile], prefix: str = "", choices: UploadChoices = NO_CHOICES
) -> list[Upload]:
    """Return the files with their keys: the prefix as a folder, then the relative name of the file.

    Raises SetupFailed with every key that two files would share.
    """
    folder = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    uploads = [Upload(file.path, f"{folder}{file.name}", choices) for file in found]
    uses = Counter(upload.key for upload in uploads)
    shared = sorted(key for key, count in uses.items() if count > 1)
    if shared:
        raise SetupFailed(
            f"several files would have the key {', '.join(shared)}: put them one by one, "
            "each with its --prefix, or the folders they are in"
        )
    return uploads


def upload_files(
    uploads: Sequence[Upload], originals: OriginalFileUploads, workers: int = UPLOADS_AT_ONCE
) -> Iterator[UploadResult]:
    """Yield each file when it is stored or has failed; a failure stops no other."""
    return results(lambda upload: _send(upload, originals), uploads, workers)


def _send(upload: Upload, originals: OriginalFileUploads) -> UploadResult:
    wrong = _fault_of_key(upload.key)
    if wrong:
        return UploadResult(upload, error=Fault("invalid_key", wrong))
    try:
        version = originals.upload_file(
            upload.key, upload.path, content_type_of(upload.path.name), upload.choices
        )
    except (TransientFault, RequestFault) as fault:
        return UploadResult(upload, error=Fault(fault.code, str(fault)))
    except OSError as fault:
        return UploadResult(
            upload, error=Fault("unreadable", fault.strerror or type(fault).__name__)
        )
    return UploadResult(replace(upload, key=version.key or upload.key), version)


def _fault_of_key(key: str) -> str | None:
    try:
        length = len(key.encode())
    except UnicodeEncodeError:
        return "expected a name in UTF-8, which is all that a key can be"
    if length > MAX_KEY_BYTES:
        return f"expected a key of at most {MAX_KEY_BYTES} bytes, got {length}"
    return None
