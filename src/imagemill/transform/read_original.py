"""Read an original for a variant, or find it in the memory of the worker that had it before."""

from imagemill.domain.event import ObjectEvent
from imagemill.domain.object_version import uploaded_bytes
from imagemill.imaging.shared_file import File, SharedFile
from imagemill.transform.deps import Share, TransformDeps, no_shared_file
from imagemill.transform.early_source import Check
from imagemill.transform.recent_records import KEPT_S


def read_original(
    event: ObjectEvent, deps: TransformDeps, check: Check, share: Share
) -> File | None:
    """Return an original, in the memory of a worker if there is any; None if it is gone.

    Visitors of a page request several sizes of its images, and viewers of IIIF many tiles: the
    original that was rendered last is still in memory, and is read only once.
    """
    name = event, deps.clock.now_s() // KEPT_S
    kept = deps.find(name)
    if kept is not None:
        return kept
    shared: list[SharedFile] = []
    # The JPEG of an archived original is not what is read.
    allocates = share if event.packs is None else no_shared_file

    def allocate(size: int) -> memoryview | None:
        file = allocates(size)
        if file is None:
            return None
        shared.append(file)
        return file.content

    data = deps.originals.read_into(event, allocate, check)
    if data:
        return uploaded_bytes(event, data, deps.unpack)[1]
    if data is None or not shared:
        return data
    shared[-1].label(name)
    return shared[-1]
