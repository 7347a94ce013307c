"""Filters of lists: state, format, date and size."""

from typing import TYPE_CHECKING

from imagemill.dataclass import dataclass

if TYPE_CHECKING:
    from imagemill.domain.record import ImageRecord, Status


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """The images that a list shows; None for any.

    `since` and `until` are the beginnings of ISO 8601 times in UTC without `Z`, such as
    `2026-05-04`: uploads at `since` or later, and before `until`. Sizes are those of the original,
    in bytes.
    """

    status: "Status | None" = None
    format: str | None = None
    since: str | None = None
    until: str | None = None
    min_bytes: int | None = None
    max_bytes: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether every image passes."""
        return self == ImageFilter()

    def accepts(self, record: "ImageRecord") -> bool:
        """Return whether a list shows the image; never for a deleted one."""
        return (
            record.status != "deleted"
            and self.status in (None, record.status)
            and (self.since is None or record.uploaded_at >= self.since)
            and (self.until is None or record.uploaded_at < self.until)
            and self._accepts_file(record)
        )

    def _accepts_file(self, record: "ImageRecord") -> bool:
        size = record.original.bytes if record.original else None
        kind = record.original.format if record.original else None
        return (
            self.format in (None, kind)
            and (self.min_bytes is None or (size is not None and size >= self.min_bytes))
            and (self.max_bytes is None or (size is not None and size <= self.max_bytes))
        )
