"""Compare the state of the stack after a run with the state it should have. No I/O."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from chaos.visitors import variant_of

from imagemill.domain.keys import image_id, is_variant_key
from imagemill.domain.record import ImageRecord, StoredRendition
from imagemill.errors import ImageRejected
from imagemill.imaging import Rendered

# `render` with the recipe and the limits of the deployed functions.
Render = Callable[[bytes], Rendered]
# Returns the variant of an original with these canonical options.
Variant = Callable[[bytes, str], bytes]


@dataclass(frozen=True, slots=True)
class CurrentVersion:
    """Current version of an original; `data` is None if the original is deleted."""

    version_id: str = ""
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class RenditionObject:
    """Rendition without its distinguishing comment, and the sequencer in its metadata.

    `bytes` is the stored size, with the comment.
    """

    data: bytes
    sequencer: str
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class FinalState:
    """Everything the stack holds after a run."""

    originals: Mapping[str, CurrentVersion]
    """By key; one entry for every key that was ever put."""
    records: Sequence[ImageRecord]
    """All items of the table."""
    listed: Sequence[ImageRecord]
    """All pages of the newest-first listing."""
    processed: Mapping[str, RenditionObject]
    """All objects of the processed bucket, by key."""
    announced: Collection[tuple[str, str, int]] | None = None
    """Key, status and revision of every event on the bus; None without a subscriber."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between the actual and the expected state."""

    kind: str
    key: str
    reason: str


@dataclass
class Summary:
    """Totals of a run; it passed if lost, doubled, stale, orphans and both of variants are zero.

    * `sent`: keys that were put at least once.
    * `ready`, `rejected`, `failed`, `deleted`: keys whose record has this status.
    * `lost`: keys without a record, with a record of the wrong status, absent from the listing
      although not deleted, or without an event for their final revision.
    * `doubled`: second and further items or listing entries of one key.
    * `stale`: records of an older version, listing entries that differ from their record or belong
      to a deleted image, and renditions that are missing, were made from another event than their
      record, or differ from a new rendering of the current version.
    * `orphans`: objects in the processed bucket that no record lists, besides variants.
    * `variants`: variants in the processed bucket.
    * `variants_stale`: variants of another version than the record describes.
    * `variants_orphaned`: variants of images that are not ready.
    * `faults`: how often the proxy injected each kind of fault of `chaos.faults`.
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
    variants: int = 0
    variants_stale: int = 0
    variants_orphaned: int = 0
    faults: dict[str, int] = field(default_factory=dict, init=False)

    def is_clean(self) -> bool:
        """Return whether the audit found no difference."""
        wrong = (self.lost, self.doubled, self.stale, self.orphans)
        return not any((*wrong, self.variants_stale, self.variants_orphaned))

    def counts(self) -> dict[str, int]:
        """Return the totals by name, without the faults."""
        return {name: value for name, value in asdict(self).items() if name != "faults"}


@dataclass
class _Auditor:
    """State, renderer and findings of one audit."""

    state: FinalState
    render: Render
    variant: Variant
    findings: list[Finding] = field(default_factory=list)
    rendered: dict[bytes, Rendered | ImageRejected] = field(default_factory=dict)

    def find(self, kind: str, key: str, reason: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(kind, key, reason))

    def expected(self, data: bytes) -> Rendered | ImageRejected:
        """Return the result of rendering; equal bytes are rendered once."""
        if data not in self.rendered:
            try:
                self.rendered[data] = self.render(data)
            except ImageRejected as fault:
                self.rendered[data] = fault
        return self.rendered[data]


def audit(
    state: FinalState, render: Render, variant: Variant = variant_of
) -> tuple[Summary, list[Finding]]:
    """Return the totals and all findings; `render` must use the settings of the functions."""
    auditor = _Auditor(state, render, variant)
    records = {record.key: record for record in state.records}
    listed = {record.key: record for record in state.listed}
    for key, current in state.originals.items():
        _check_record(key, current, records.get(key), auditor)
        _check_listing(key, records.get(key), listed.get(key), auditor)
        _check_announced(records.get(key), auditor)
    _check_doubles(auditor)
    _check_orphans(auditor)
    variants = [key for key in state.processed if is_variant_key(key)]
    for key in variants:
        _check_variant(key, auditor)
    kinds = Counter(finding.kind for finding in auditor.findings)
    states = Counter(records[key].status for key in state.originals if key in records)
    final = {name: states[name] for name in ("ready", "rejected", "failed", "deleted")}
    summary = Summary(len(state.originals), **final, variants=len(variants), **kinds)
    return summary, auditor.findings


def _check_record(
    key: str, current: CurrentVersion, record: ImageRecord | None, auditor: _Auditor
) -> None:
    """Compare a record with the current version of its original."""
    if record is None:
        auditor.find("lost", key, f"no record of {_described(current)}")
    elif record.id != image_id(key):
        auditor.find("lost", key, f"the record's id is {record.id}")
    elif current.data is None and record.status != "deleted":
        auditor.find("lost", key, f"should be deleted; {_state(record)}")
    elif current.data is not None:
        _check_present(key, current.version_id, current.data, record, auditor)


def _check_present(
    key: str, version_id: str, data: bytes, record: ImageRecord, auditor: _Auditor
) -> None:
    expected = auditor.expected(data)
    right = "rejected" if isinstance(expected, ImageRejected) else "ready"
    if record.status != right:
        auditor.find("lost", key, f"should be {right}; {_state(record)}")
    elif record.version_id != version_id:
        auditor.find("stale", key, f"version {version_id} is current; {_state(record)}")
    elif isinstance(expected, ImageRejected):
        if record.error is None or record.error.code != expected.code:
            auditor.find("stale", key, f"should be {expected.code}; {_state(record)}")
    else:
        _check_renditions(key, expected, record, auditor)


def _check_renditions(key: str, expected: Rendered, record: ImageRecord, auditor: _Auditor) -> None:
    wanted = {made.preset: made for made in expected.renditions}
    if wanted.keys() != record.renditions.keys():
        auditor.find("stale", key, f"renditions {sorted(record.renditions)}, not {sorted(wanted)}")
    for preset, stored in record.renditions.items():
        made = wanted.get(preset)
        recorded = (stored.width, stored.height, stored.format)
        if made and recorded != (made.width, made.height, made.format):
            auditor.find("stale", key, f"the record of {preset} has another size: {recorded}")
        if made:
            _check_bytes(key, stored, made.data, record, auditor)


def _check_bytes(
    key: str, recorded: StoredRendition, data: bytes, record: ImageRecord, auditor: _Auditor
) -> None:
    found = auditor.state.processed.get(recorded.key)
    if found is None:
        auditor.find("stale", key, f"{recorded.key} does not exist; {_state(record)}")
    elif recorded.bytes != (found.bytes or len(found.data)):
        auditor.find("stale", key, f"{recorded.key} has another size; {_state(record)}")
    elif found.data != data:
        auditor.find("stale", key, f"{recorded.key} has other bytes; {_state(record)}")
    elif found.sequencer != record.sequencer:
        auditor.find("stale", key, f"{recorded.key} is of {found.sequencer}; {_state(record)}")


def _check_listing(
    key: str, record: ImageRecord | None, listed: ImageRecord | None, auditor: _Auditor
) -> None:
    is_there = record is not None and record.status != "deleted"
    if is_there and listed is None:
        auditor.find("lost", key, "not in the listing")
    elif listed is not None and not is_there:
        auditor.find("stale", key, "listed although deleted")
    elif listed != record and is_there:
        auditor.find("stale", key, "the listing differs from the record")


def _check_announced(record: ImageRecord | None, auditor: _Auditor) -> None:
    """Check that the bus delivered an event for the final revision of a record."""
    announced = auditor.state.announced
    if record is None or announced is None:
        return
    if (record.key, record.status, record.revision) not in announced:
        auditor.find("lost", record.key, f"no event for {_state(record)}")


def _check_doubles(auditor: _Auditor) -> None:
    for records, place in ((auditor.state.records, "table"), (auditor.state.listed, "listing")):
        for key, number in Counter(record.key for record in records).items():
            for _ in range(number - 1):
                auditor.find("doubled", key, f"{number} times in the {place}")


def _check_orphans(auditor: _Auditor) -> None:
    known = {made.key for record in auditor.state.records for made in record.renditions.values()}
    for key in auditor.state.processed.keys() - known:
        if not is_variant_key(key):
            sequencer = auditor.state.processed[key].sequencer
            auditor.find("orphans", key, f"of {sequencer}, in no record")


def _check_variant(key: str, auditor: _Auditor) -> None:
    """Compare a variant with the record of its image, and with the current version."""
    found, (_, image, canonical) = auditor.state.processed[key], key.split("/")
    record = next((record for record in auditor.state.records if record.id == image), None)
    if record is None or record.status != "ready":
        why = f"of {found.sequencer}; {_state(record) if record else 'no record'}"
        auditor.find("variants_orphaned", key, why)
        return
    current = auditor.state.originals.get(record.key, CurrentVersion())
    is_right = current.data is not None and auditor.variant(current.data, canonical) == found.data
    if found.sequencer != record.sequencer or not is_right:
        auditor.find("variants_stale", key, f"of {found.sequencer}; {_state(record)}")


def _state(record: ImageRecord) -> str:
    error = f" ({record.error.code})" if record.error else ""
    return (
        f"{record.status}{error} by {record.sequencer}, version {record.version_id or 'none'}, "
        f"revision {record.revision}, attempt {record.attempts}"
    )


def _described(current: CurrentVersion) -> str:
    return "a deleted object" if current.data is None else f"version {current.version_id}"
