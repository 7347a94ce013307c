"""Unpack an archived original for a download."""

from imagemill.archive.deps import ArchiveDeps, StoredOriginal
from imagemill.domain.keys import unpacked_key
from imagemill.errors import Gone, NotReady


def unpack_original(image_id: str, deps: ArchiveDeps) -> str:
    """Store the JPEG of an archived original in the processed bucket, and return its key.

    Raises NotReady if the original is not archived, or changes meanwhile; Gone for a deleted image.
    """
    record = deps.records.get(image_id)
    if record is None or record.archived is None:
        raise NotReady(f"the original of {image_id} is not archived")
    held = record.archived
    found = StoredOriginal(record.version_id, held.etag, {})
    packed = deps.originals.read(record.key, found)
    jpeg = None if packed is None else deps.unpack(packed, held.sha256)
    if jpeg is None:
        raise NotReady(f"the original of {image_id} has changed: try again")
    key = unpacked_key(image_id, held.sha256)
    deps.unpacked.store(key, jpeg)
    # A deletion reads the bucket after it has written the record.
    now = deps.records.get(image_id)
    if now is None or now.status == "deleted":
        deps.unpacked.remove_all(image_id)
        raise Gone(f"image {image_id} was deleted")
    return key
