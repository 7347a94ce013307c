"""Filters of lists: state, format, date, size and name."""

import re
from typing import TYPE_CHECKING

from imagemill.dataclass import dataclass

if TYPE_CHECKING:
    from imagemill.domain.record import ImageRecord, Status

# A day or a time in UTC, as ISO 8601 writes it, to any precision from a day to a millisecond.
TIME = (
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3])(:[0-5]\d(:[0-5]\d(\.\d{1,3})?)?)?Z)?$"
)
EXPECTED_TIME = "a day or time in UTC, such as 2026-05-04 or 2026-05-04T10:20:30Z"


def time_prefix(text: str) -> str | None:
    """Return the beginning of stored times at a day or time; None if the text is neither.

    Stored times are compared as texts, and end with `Z`.
    """
    return text.removesuffix("Z") if re.fullmatch(TIME, text) else None


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """The images that a list shows; None for any.

    `since` and `until` are the beginnings of ISO 8601 times in UTC without `Z`, such as
    `2026-05-04`: uploads at `since` or later, and before `until`. Sizes are those of the original,
    in bytes. `name` is a part of the file name, and `prefix` the beginning of the key.
    """

    status: "Status | None" = None
    format: str | None = None
    since: str | None = None
    until: str | None = None
    min_bytes: int | None = None
    max_bytes: int | None = None
    name: str | None = None
    prefix: str | None = None

    @property
    def names(self) -> list[str]:
        """The part of the name as it was given, and in small, capital and initial capital letters.

        DynamoDB compares texts as they are. `Mixed CASE` is found only as it was given.
        """
        text = self.name or ""
        return list(dict.fromkeys((text, text.lower(), text.upper(), text.title())))

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
            and (self.name is None or any(one in record.filename for one in self.names))
            and (self.prefix is None or record.key.startswith(self.prefix))
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
