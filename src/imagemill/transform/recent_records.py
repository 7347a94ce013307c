"""The records that a process has read within a minute, so that it can begin before it reads again.

Only a beginning: what is stored and answered depends on a record that is read afterwards.
"""

from collections import OrderedDict

from imagemill.domain.record import ImageRecord

# Seconds for which a record and an original stay in memory, at most. The original may have been
# erased, or the right to read it taken away.
KEPT_S = 60
# Records, of some kB each.
MOST = 64


class RecentRecords:
    """Records by id, each until the end of the minute of the clock; for any number of threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._records: OrderedDict[str, tuple[int, ImageRecord]] = OrderedDict()

    def get(self, image_id: str, now_s: int) -> ImageRecord | None:
        """Return a record as it was read last; None if that was in another minute, or never."""
        minute, record = self._records.get(image_id, (0, None))
        return record if minute == now_s // KEPT_S else None

    def keep(self, record: ImageRecord, now_s: int) -> None:
        """Remember a record that was just read; the oldest ones are forgotten."""
        self._records[record.id] = (now_s // KEPT_S, record)
        if len(self._records) > self._most:
            self._records.popitem(last=False)

    def forget(self, image_id: str) -> None:
        """Forget a record, which is about to be read again."""
        self._records.pop(image_id, None)
