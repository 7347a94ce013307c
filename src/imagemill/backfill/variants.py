"""Find the variants that do not belong to the recorded version of their image."""

from collections.abc import Mapping, Sequence
from dataclasses import field

from imagemill.backfill.due import DueImage, Reason, StackScan
from imagemill.dataclass import dataclass
from imagemill.domain.reconciliation import StoredObject
from imagemill.domain.record import ImageRecord, precedence_of
from imagemill.domain.rendition_metadata import Precedence

# Variants of an image that its message names. The worker lists the others itself.
_MOST_NAMED = 10


@dataclass(slots=True)
class _Wrong:
    """The variants of one image to remove; its record, if there is one; their size in bytes."""

    record: ImageRecord | None
    keys: list[str] = field(default_factory=list)
    bytes: int = 0


@dataclass(slots=True)
class VariantSurvey:
    """Compares the variants in a listing of the processed bucket with the records."""

    scan: StackScan
    wrong: dict[str, _Wrong] = field(default_factory=dict)
    """By the id of the image."""

    def add(self, variants: Sequence[StoredObject]) -> None:
        """Read the records of a page of variants, and remember those that do not belong to them.

        The metadata is read of the variants of ready images only; no others may exist.
        """
        if not variants:
            return
        records = self.scan.records_of(sorted({_image_of(item.key) for item in variants}))
        of_ready = [item.key for item in variants if _is_ready(records.get(_image_of(item.key)))]
        stored = self.scan.precedences(of_ready)
        for item in variants:
            record = records.get(_image_of(item.key))
            if not _belongs(record, stored.get(item.key)):
                wrong = self.wrong.setdefault(_image_of(item.key), _Wrong(record))
                wrong.keys.append(item.key)
                wrong.bytes += item.bytes

    def due(self, unrecorded: Mapping[str, str], prefix: str) -> list[DueImage]:
        """Return the images with such variants and a key with this prefix.

        `unrecorded` are the keys of images without a record, by their ids. Of an image that has
        neither, the key is not known; it is returned if there is no prefix.
        """
        found = []
        for image_id, wrong in self.wrong.items():
            record = wrong.record
            key = record.key if record else unrecorded.get(image_id, "")
            if key.startswith(prefix):
                why = Reason.OUTDATED if _is_ready(record) else Reason.ORPHANED
                revision = record.revision if record else 0
                # Without a key there is no message, and all of them are removed by name.
                named = tuple(wrong.keys[:_MOST_NAMED] if key else wrong.keys)
                found.append(DueImage(key, why, revision, wrong.bytes, renditions=named))
        return found


def _image_of(variant: str) -> str:
    """Return the id of the image in the key of a variant."""
    return variant.split("/")[1]


def _is_ready(record: ImageRecord | None) -> bool:
    return record is not None and record.status == "ready"


def _belongs(record: ImageRecord | None, stored: Precedence | None) -> bool:
    """Return whether a variant was made of the recorded version."""
    return record is not None and record.status == "ready" and stored == precedence_of(record)
