"""The table of `imagemill ls`, which fits the width of the terminal."""

from collections.abc import Callable, Sequence

from rich.cells import cell_len, chop_cells
from rich.table import Table
from rich.text import Text

from imagemill.cli.screen import printable
from imagemill.cli.wording import clock_time, original_size, renditions_size, styled_status
from imagemill.dataclass import dataclass
from imagemill.domain.record import ImageRecord

# Columns of the terminal that a key gets before other facts do; a longer one may be shortened.
_KEY_WIDTH = 64
# Columns between two columns of the table.
_GAP = 2
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its heading, the text of each record, and the order in which columns are left out.

    The column with the highest `rank` is left out first, one with 0 never.
    """

    heading: str
    text: Callable[[ImageRecord], str | Text]
    rank: int

    def width(self, records: Sequence[ImageRecord]) -> int:
        """Return the columns of the terminal that it takes, with the gap behind it."""
        texts = [self.heading, *(str(self.text(record)) for record in records)]
        return max(map(cell_len, texts)) + _GAP


def _result(record: ImageRecord) -> str:
    return record.error.code if record.error else renditions_size(record)


_COLUMNS = (
    _Column("uploaded (UTC)", lambda record: clock_time(record.uploaded_at), 1),
    _Column("status", lambda record: styled_status(record.status), 0),
    _Column("original", original_size, 3),
    _Column("renditions", _result, 2),
)
_ID = _Column("id", lambda record: record.id, 0)


def image_table(records: Sequence[ImageRecord], width: int) -> Table:
    """Return the records as a table of at most `width` columns of the terminal.

    If they do not fit, columns are left out. The key stays, and is shortened last, in the middle.
    """
    keys = [printable(record.key) for record in records]
    wanted = min(max(map(cell_len, keys)), _KEY_WIDTH)
    columns = _fitting(records, width - wanted)
    left = width - sum(column.width(records) for column in columns)
    return _table(records, columns, [_shortened(key, left) for key in keys])


def wide_image_table(records: Sequence[ImageRecord]) -> Table:
    """Return the records with ids and whole keys, as wide as they are."""
    return _table(records, (_ID, *_COLUMNS), [printable(record.key) for record in records])


def _fitting(records: Sequence[ImageRecord], width: int) -> Sequence[_Column]:
    """Return the columns that fit beside the keys, in their order."""
    chosen = list(_COLUMNS)
    for column in sorted(_COLUMNS, key=lambda column: column.rank, reverse=True):
        if sum(one.width(records) for one in chosen) <= width or not column.rank:
            break
        chosen.remove(column)
    return chosen


def _table(
    records: Sequence[ImageRecord], columns: Sequence[_Column], keys: Sequence[str]
) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for heading in (*(column.heading for column in columns), "key"):
        table.add_column(heading, no_wrap=True, overflow="ignore")
    for record, key in zip(records, keys, strict=True):
        table.add_row(*(column.text(record) for column in columns), key)
    return table


def _shortened(text: str, width: int) -> str:
    """Return a text of at most `width` columns, of which the middle may be left out.

    The end is twice as long as the beginning, because it tells the files of a folder apart.
    """
    if cell_len(text) <= width:
        return text
    room = max(width - cell_len(_ELLIPSIS), 1)
    head = chop_cells(text, room // 3)[0] if room // 3 else ""
    tail = chop_cells(text[::-1], room - room // 3)[0][::-1]
    return f"{head}{_ELLIPSIS}{tail}"
