"""Send the first messages of a backfill while its survey goes on.

The state machine sends a message for every original below a prefix, which only a whole survey can
tell. Until then the command sends messages for the images that the survey has found so far. The
state machine repeats these few; they are finished by then, and each costs only a read.
"""

from itertools import islice, takewhile

from imagemill.backfill.due import BY_LISTING, DueImage
from imagemill.backfill.estimate import cost_of
from imagemill.backfill.execute import BackfillDeps, must_stop, permit
from imagemill.backfill.survey import Survey
from imagemill.dataclass import dataclass
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.reconciliation import Reconciliation, to_message

# Most messages after a page of the listing, 20 requests: with more, sending would hold up the
# survey for longer than its own requests take.
_MOST_A_PAGE = 200


@dataclass(slots=True)
class HeadStart:
    """Sends messages for the images that need work, in the order in which a survey finds them."""

    run: BackfillRun
    deps: BackfillDeps
    sent: int = 0
    """Number of images that have a message."""
    dollars: float = 0.0
    """Their expected cost."""

    def begin(self) -> None:
        """Store the run, so that it can be resumed."""
        permit(self.run, self.deps)

    def on_page(self, found: Survey) -> None:
        """Send messages for images without one while queue and budget have room."""
        waiting, _ = self.deps.queue.depth()
        room = max(0, min(_MOST_A_PAGE, self.deps.backlog - waiting))
        listed = takewhile(_is_listed, islice(found.due, self.sent, self.sent + room))
        some = list(takewhile(self._is_affordable, listed))
        run = self.run
        tasks = (Reconciliation(due.key, run.concerns, codes=run.codes) for due in some)
        self.deps.queue.send([to_message(task) for task in tasks])
        self.sent += len(some)

    def _is_affordable(self, due: DueImage) -> bool:
        """Return whether the budget has room for one more image, and count its cost."""
        dollars = self.dollars + cost_of(due, due.ms, self.deps.inputs)
        if must_stop(dollars, self.run.spent, self.run.budget):
            return False
        self.dollars = dollars
        return True


def _is_listed(due: DueImage) -> bool:
    return due.why in BY_LISTING
