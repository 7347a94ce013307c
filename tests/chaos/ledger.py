"""The ledger: what stands in the cloud in the end against what should. Facts in, findings out."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from imagemill.domain.keys import image_id
from imagemill.domain.record import ImageRecord, StoredRendition
from imagemill.errors import ImageRejected
from imagemill.imaging import Rendered

Make = Callable[[bytes], Rendered]
"""`render` with the recipe and the limits of the functions."""


@dataclass(frozen=True, slots=True)
class Current:
    """What stands under a key of the originals bucket now; `data` is None if it is deleted."""

    version_id: str = ""
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """One rendition, as it was rendered, and the event that it says it was made from.

    `bytes` is its size as stored, with a comment.
    """

    data: bytes
    sequencer: str
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything there is in the end."""

    originals: Mapping[str, Current]
    """By key, one for every key that was ever put."""
    records: Sequence[ImageRecord]
    """Every item of the table."""
    listed: Sequence[ImageRecord]
    """The newest-first listing from end to end."""
    processed: Mapping[str, Stored]
    """By key, every object."""
    announced: Collection[tuple[str, str, int]] | None = None
    """Keys, states and revisions that the bus told of; None if nobody listened."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    kind: str
    key: str
    why: str


@dataclass
class Ledger:
    """The sums of a run; all is well when lost, doubled, stale and orphans are zero.

    * `sent`: keys that were put at least once. Each is in exactly one of the next four, or lost.
    * `ready`, `rejected`, `failed`, `deleted`: records of these states among the keys sent.
    * `lost`: keys without a final record, without the right one (deleted though the object is
      there, ready or rejected though it is not or though it is the other), failed though no dead
      letter is left, not in the listing though not deleted, or never announced as it is.
    * `doubled`: items of the table and lines of the listing beyond the first for one key.
    * `stale`: records of another version than the newest or out of step with their listing, and
      renditions that are missing, made from another event than their record, or of other bytes
      than rendering the newest version gives; deleted images that are listed.
    * `orphans`: objects in the processed bucket that no record lists.
    * `troubles`: how often each trouble of `chaos.weather` was met.
    """

    sent: int = 0
    ready: int = 0
    rejected: int = 0
    failed: int = 0
    deleted: int = 0
    lost: int = 0
    doubled: int = 0
    stale: int = 0
    orphans: int = 0
    troubles: dict[str, int] = field(default_factory=dict, init=False)

    def is_clean(self) -> bool:
        """Tell whether nothing is wrong."""
        return not (self.lost or self.doubled or self.stale or self.orphans)

    def facts(self) -> dict[str, int]:
        """Return the sums by name, without the troubles."""
        return {name: value for name, value in asdict(self).items() if name != "troubles"}


@dataclass
class _Audit:
    """One look through everything."""

    seen: Seen
    make: Make
    findings: list[Finding] = field(default_factory=list)
    made: dict[bytes, Rendered | ImageRejected] = field(default_factory=dict)

    def find(self, kind: str, key: str, why: str) -> None:
        """Write a finding down."""
        self.findings.append(Finding(kind, key, why))

    def expected(self, data: bytes) -> Rendered | ImageRejected:
        """Return what rendering gives, worked out once for equal bytes."""
        if data not in self.made:
            try:
                self.made[data] = self.make(data)
            except ImageRejected as fault:
                self.made[data] = fault
        return self.made[data]


def reckon(seen: Seen, make: Make) -> tuple[Ledger, list[Finding]]:
    """Return the sums and every finding; `make` renders as the functions do."""
    audit = _Audit(seen, make)
    records = {record.key: record for record in seen.records}
    listed = {record.key: record for record in seen.listed}
    for key, current in seen.originals.items():
        _check_record(key, current, records.get(key), audit)
        _check_listing(key, records.get(key), listed.get(key), audit)
        _check_announced(records.get(key), audit)
    _check_doubles(audit)
    _check_orphans(audit)
    kinds = Counter(finding.kind for finding in audit.findings)
    states = Counter(records[key].status for key in seen.originals if key in records)
    final = {name: states[name] for name in ("ready", "rejected", "failed", "deleted")}
    return Ledger(sent=len(seen.originals), **final, **kinds), audit.findings


def _check_record(key: str, current: Current, record: ImageRecord | None, audit: _Audit) -> None:
    """Hold a record to what stands under its key."""
    if record is None:
        audit.find("lost", key, f"no record of {_told(current)}")
    elif record.id != image_id(key):
        audit.find("lost", key, f"the record's id is {record.id}")
    elif current.data is None and record.status != "deleted":
        audit.find("lost", key, f"deleted, and its record says {_state(record)}")
    elif current.data is not None:
        _check_present(key, current.version_id, current.data, record, audit)


def _check_present(
    key: str, version_id: str, data: bytes, record: ImageRecord, audit: _Audit
) -> None:
    expected = audit.expected(data)
    right = "rejected" if isinstance(expected, ImageRejected) else "ready"
    if record.status != right:
        audit.find("lost", key, f"should be {right}, and its record says {_state(record)}")
    elif record.version_id != version_id:
        audit.find("stale", key, f"version {version_id} is newest, {_state(record)}")
    elif isinstance(expected, ImageRejected):
        if record.error is None or record.error.code != expected.code:
            audit.find("stale", key, f"should be {expected.code}, {_state(record)}")
    else:
        _check_renditions(key, expected, record, audit)


def _check_renditions(key: str, expected: Rendered, record: ImageRecord, audit: _Audit) -> None:
    wanted = {made.preset: made for made in expected.renditions}
    if wanted.keys() != record.renditions.keys():
        audit.find("stale", key, f"renditions {sorted(record.renditions)}, not {sorted(wanted)}")
    for preset, stored in record.renditions.items():
        made = wanted.get(preset)
        told = (stored.width, stored.height, stored.format)
        if made and told != (made.width, made.height, made.format):
            audit.find("stale", key, f"the record tells other facts of {preset}: {told}")
        if made:
            _check_bytes(key, stored, made.data, record, audit)


def _check_bytes(
    key: str, told: StoredRendition, data: bytes, record: ImageRecord, audit: _Audit
) -> None:
    found = audit.seen.processed.get(told.key)
    if found is None:
        audit.find("stale", key, f"{told.key} is not there; {_state(record)}")
    elif told.bytes != (found.bytes or len(found.data)):
        audit.find("stale", key, f"the record tells another size of {told.key}; {_state(record)}")
    elif found.data != data:
        audit.find("stale", key, f"{told.key} holds other bytes; {_state(record)}")
    elif found.sequencer != record.sequencer:
        audit.find("stale", key, f"{told.key} is of {found.sequencer}; {_state(record)}")


def _check_listing(
    key: str, record: ImageRecord | None, listed: ImageRecord | None, audit: _Audit
) -> None:
    is_there = record is not None and record.status != "deleted"
    if is_there and listed is None:
        audit.find("lost", key, "not in the listing")
    elif listed is not None and not is_there:
        audit.find("stale", key, "listed, though it is deleted")
    elif listed != record and is_there:
        audit.find("stale", key, "listed other than recorded")


def _check_announced(record: ImageRecord | None, audit: _Audit) -> None:
    """Hold the bus to its promise: of every record as it is, it has told."""
    announced = audit.seen.announced
    if record is None or announced is None:
        return
    if (record.key, record.status, record.revision) not in announced:
        audit.find("lost", record.key, f"nobody was told of {_state(record)}")


def _check_doubles(audit: _Audit) -> None:
    for records, place in ((audit.seen.records, "table"), (audit.seen.listed, "listing")):
        for key, number in Counter(record.key for record in records).items():
            for _ in range(number - 1):
                audit.find("doubled", key, f"{number} times in the {place}")


def _check_orphans(audit: _Audit) -> None:
    known = {made.key for record in audit.seen.records for made in record.renditions.values()}
    for key in audit.seen.processed.keys() - known:
        audit.find("orphans", key, f"of {audit.seen.processed[key].sequencer}, listed nowhere")


def _state(record: ImageRecord) -> str:
    error = f" ({record.error.code})" if record.error else ""
    return (
        f"{record.status}{error} by {record.sequencer}, version {record.version_id or 'none'}, "
        f"revision {record.revision}, attempt {record.attempts}"
    )


def _told(current: Current) -> str:
    return "a deleted object" if current.data is None else f"version {current.version_id}"
