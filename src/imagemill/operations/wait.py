"""Wait until records reach an expected state."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from imagemill.dataclass import dataclass
from imagemill.domain.clock import Clock, SystemClock
from imagemill.domain.keys import image_id
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.record import FINAL, Fault, ImageRecord
from imagemill.domain.stores import OriginalHeads, RecordBatchReader
from imagemill.errors import TimedOut
from imagemill.operations.upload_files import Upload, UploadResult

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 0.5
_GROWTH = 1.5
_IGNORED = Fault("ignored", "a rule of the recipe or a filter of the bucket leaves this key out")


@dataclass(frozen=True, slots=True)
class WaitOptions:
    """The time to wait, s, the clock, and the function that sleeps, s."""

    timeout_s: float
    clock: Clock = SystemClock()
    pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class WaitResult:
    """The result of an upload: its record, or an error.

    `status` is that of the record, or `superseded`, `timed_out`, `ignored`, or `failed` for a file
    that was not stored.
    """

    upload: Upload
    status: str
    record: ImageRecord | None = None
    error: Fault | None = None


def wait_for_records(
    waiting: Mapping[str, Callable[[ImageRecord], bool]],
    records: RecordBatchReader,
    options: WaitOptions,
) -> Iterator[tuple[str, ImageRecord | None]]:
    """Yield each id with its record when its predicate holds, or with None after the time-out."""
    left = dict(waiting)
    deadline_ms = options.clock.monotonic_ms() + options.timeout_s * 1000
    pause_s = _FIRST_PAUSE_S
    while left:
        for image, record in records.get_many(list(left)).items():
            if left[image](record):
                del left[image]
                yield image, record
        if options.clock.monotonic_ms() >= deadline_ms:
            break
        if left:
            options.pause(pause_s)
        pause_s = min(pause_s * _GROWTH, _LONGEST_PAUSE_S)
    yield from ((image, None) for image in left)


def wait_for_uploads(
    sent: Iterable[UploadResult],
    records: RecordBatchReader,
    originals: OriginalHeads,
    options: WaitOptions,
    ignores: Callable[[str], bool] = lambda _: False,
) -> Iterator[WaitResult]:
    """Yield the result of each upload when it is known; at once for a key that is ignored.

    Only a record of the version that was uploaded counts: an older record of the same key is
    ignored, and a newer version ends the wait as `superseded`.
    """
    stored: dict[str, tuple[Upload, ObjectVersion]] = {}
    for one in sent:
        if one.version is None:
            yield WaitResult(one.upload, "failed", error=one.error)
        elif ignores(one.upload.key):
            yield WaitResult(one.upload, "ignored", error=_IGNORED)
        else:
            stored[image_id(one.upload.key)] = (one.upload, one.version)
    predicates = {image: _ended(version, originals) for image, (_, version) in stored.items()}
    for image, record in wait_for_records(predicates, records, options):
        yield _result(*stored[image], record, options.timeout_s)


def wait_for_deletes(
    keys: Iterable[str], records: RecordBatchReader, options: WaitOptions
) -> Iterator[tuple[str, bool]]:
    """Yield each key with True when its record says `deleted`, or False after the time-out."""
    names = {image_id(key): key for key in keys}
    predicates = dict.fromkeys(names, _is_deleted)
    for image, record in wait_for_records(predicates, records, options):
        yield names[image], record is not None


def wait_for_retries(
    revisions: Mapping[str, int], records: RecordBatchReader, options: WaitOptions
) -> Iterator[tuple[str, ImageRecord | None]]:
    """Yield each id with its next final record, or None after the time-out.

    `revisions` are those of the records before.
    """
    predicates = {image: _written_after(revision) for image, revision in revisions.items()}
    return wait_for_records(predicates, records, options)


def wait_for_results(
    before: Iterable[ImageRecord], records: RecordBatchReader, options: WaitOptions
) -> Iterator[tuple[str, ImageRecord | None]]:
    """Yield each id with the record of its next processing, or None after the time-out.

    `before` are the records until then; the API does not tell their revisions.
    """
    predicates = {record.id: _processed_after(record) for record in before}
    return wait_for_records(predicates, records, options)


def _processed_after(before: ImageRecord) -> Callable[[ImageRecord], bool]:
    return lambda now: now.status in FINAL and now.processed_at != before.processed_at


def _written_after(revision: int) -> Callable[[ImageRecord], bool]:
    return lambda record: record.revision > revision and record.status in FINAL


def _is_deleted(record: ImageRecord) -> bool:
    return record.status == "deleted"


def _ended(version: ObjectVersion, originals: OriginalHeads) -> Callable[[ImageRecord], bool]:
    def has_ended(record: ImageRecord) -> bool:
        if version.is_described_by(record):
            return record.status in FINAL
        now = originals.current(record.key)
        return now is None or (now.version_id, now.etag) != (version.version_id, version.etag)

    return has_ended


def _result(
    upload: Upload, version: ObjectVersion, record: ImageRecord | None, timeout_s: float
) -> WaitResult:
    if record is None:
        late = Fault(TimedOut.code, f"no result within {timeout_s:g} s")
        return WaitResult(upload, TimedOut.code, error=late)
    if not version.is_described_by(record):
        newer = Fault("superseded", "other bytes were put under this key, or it was deleted")
        return WaitResult(upload, "superseded", error=newer)
    return WaitResult(upload, record.status, record, record.error)
