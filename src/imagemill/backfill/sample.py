"""A sample of a bucket: count the originals, and estimate the work from one in ten.

A survey reads every record. A sample takes a fifth of its requests, so that the price can be shown
before a long survey, which then goes on while images are processed.
"""

from collections.abc import Callable

from imagemill.backfill.due import StackScan
from imagemill.backfill.survey import Selection, Survey, add_original
from imagemill.dataclass import dataclass

# Originals for each one whose record is read.
_ONE_IN = 10
# Listed objects from which an exact survey takes so long that a sample is taken first.
_MANY = 2_000


@dataclass(frozen=True, slots=True)
class Sample:
    """The originals in a sample; `survey` holds those that need work.

    `listed` is the number of objects below the prefix; `share` is that of the originals that were
    compared with their records, from 0 to 1.
    """

    survey: Survey
    listed: int
    share: float

    @property
    def is_of_many(self) -> bool:
        """Whether an exact survey would take long."""
        return self.listed > _MANY


def take_sample(selection: Selection, scan: StackScan, on_page: Callable[[Survey], None]) -> Sample:
    """Return a sample of the originals; `on_page` is called after every page.

    Raises TransientFault when a store fails.
    """
    compared, counted = Survey(selection), Survey(selection)
    listed = 0
    for page in scan.originals(selection.prefix):
        images = [original for original in page if counted.includes(original)]
        counted.ignored += len(page) - len(images)
        counted.originals += len(images)
        counted.bytes += sum(original.bytes for original in images)
        # Sizes and reasons may follow the order of keys, so the sample has some of every page.
        some = images[::_ONE_IN]
        records = scan.records_of([original.id for original in some])
        for original in some:
            add_original(original, records.get(original.id), compared)
        listed += len(page)
        on_page(counted)
    share = compared.originals / counted.originals if counted.originals else 1.0
    compared.originals, compared.ignored = counted.originals, counted.ignored
    compared.bytes = counted.bytes
    return Sample(compared, listed, share)
