"""The steps of `imagemill backfill`: take a sample, search, estimate, ask and carry out."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import typer
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from imagemill.backfill import execute
from imagemill.backfill.due import BY_LISTING
from imagemill.backfill.estimate import BackfillPlan, plan
from imagemill.backfill.head_start import HeadStart
from imagemill.backfill.sample import take_sample
from imagemill.backfill.survey import Selection, Survey, survey
from imagemill.cli.backfill_output import (
    counts,
    dollars,
    facts,
    first_estimate,
    result,
    show,
    show_due,
    show_first_estimate,
)
from imagemill.cli.cloud import BackfillClient
from imagemill.cli.screen import note, print_json, stderr
from imagemill.dataclass import dataclass
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.keys import accept_every
from imagemill.errors import SetupFailed

# Why a run has ended early, as text for users.
_ENDS = {
    "budget": "stopped to stay within the budget",
    "left": "the queue is empty, but not all images are done: see `imagemill failed`",
}
_STOPPED = "stopped; messages in the queue are still processed, --resume continues with the rest"


@dataclass(frozen=True, slots=True)
class BackfillSteps:
    """The steps of one run; they print their results, as JSON or as text."""

    run: BackfillRun
    client: BackfillClient
    as_json: bool
    ask: bool
    """Whether to ask for confirmation on a terminal."""

    def search(self, *, list_keys: bool) -> None:
        """Search, and print the work and its price."""
        found, planned = self._survey(list_keys=list_keys)
        if self.as_json:
            print_json(facts(found, planned))

    def search_and_repair(self, *, list_keys: bool) -> execute.Progress | None:
        """Search, print the price, ask, and repair; return None if there is nothing to do."""
        found, planned = self._survey(list_keys=list_keys)
        end = None
        if planned.due:
            self._agree(planned)
            end = self._carry_out(planned)
        if self.as_json:
            print_json(facts(found, planned) | (result(end, self.run) if end else {}))
        return end

    def estimate_first(self) -> BackfillPlan | None:
        """Return an estimate from a sample; None if a search is quick, or if little is to do."""
        if self.client.runs.is_sending(self.run):
            return None
        with _searching("counted") as show_progress:
            sample = take_sample(self._selection(), self.client.scan, show_progress)
        if not sample.is_of_many or not sample.survey.due:
            return None
        inputs = self.client.deps.inputs
        rough = plan(sample.survey, sample.listed, inputs, share=sample.share)
        if not self.as_json:
            show_first_estimate(sample, rough, self.client)
        return rough

    def repair_while_searching(self, rough: BackfillPlan) -> execute.Progress:
        """Ask, and send messages while the search goes on."""
        self._agree(rough)
        start = HeadStart(self.run, self.client.deps)
        start.begin()
        try:
            found = self._search(start.on_page)
        except KeyboardInterrupt:
            return self._stopped(start, rough)
        planned = _plan(found, self.client, start.sent)
        if not self.as_json:
            show(found, planned, self.client)
        end = self._carry_out(planned)
        if self.as_json:
            print_json(facts(found, planned) | first_estimate(rough) | result(end, self.run))
        return end

    def _stopped(self, start: HeadStart, rough: BackfillPlan) -> execute.Progress:
        """Stop a run whose search was interrupted, and return its progress."""
        spent = self.run.spent + start.dollars
        execute.halt(replace(self.run, spent=spent), self.client.deps)
        note(_STOPPED)
        return execute.Progress(0, rough.objects, spent, "stopped")

    def _survey(self, *, list_keys: bool) -> tuple[Survey, BackfillPlan]:
        """Search, and print the work."""
        found = self._search(lambda _: None)
        planned = _plan(found, self.client)
        if list_keys:
            show_due(planned.due, as_json=self.as_json)
        if not self.as_json:
            show(found, planned, self.client)
        return found, planned

    def _search(self, on_page: Callable[[Survey], None]) -> Survey:
        with _searching("checked") as show_progress:

            def after_page(found: Survey) -> None:
                show_progress(found)
                on_page(found)

            return survey(self._selection(), self.client.scan, after_page)

    def _selection(self) -> Selection:
        run, client, keys = self.run, self.client, self.client.keys
        return Selection(
            prefix=keys.narrowed(run.prefix) if keys else run.prefix,
            concerns=run.concerns,
            recipes=client.recipes,
            engine=client.engine,
            codes=run.codes,
            accepts=keys.accepts if keys else accept_every,
        )

    def _agree(self, planned: BackfillPlan) -> None:
        """Ask whether to begin; raises SetupFailed if the plan costs more than the budget."""
        _require_budget(self.run, planned)
        if self.ask and sys.stdin.isatty():
            typer.confirm("Begin?", abort=True, err=True)

    def _carry_out(self, planned: BackfillPlan) -> execute.Progress:
        """Follow the run until it ends; on Ctrl-C, stop it."""
        run, client = self.run, self.client
        if not client.runs.is_sending(run):
            execute.begin(run, planned, client.deps)
        last = execute.Progress(0, len(planned.due), run.spent)
        try:
            checks = execute.follow(run, planned, client.deps)
            for check in _with_progress(checks, len(planned.due)):
                last = check
        except KeyboardInterrupt:
            execute.halt(replace(run, spent=last.spent), client.deps)
            last = replace(last, end="stopped")
            note(_STOPPED)
        why = _ENDS.get(last.end)
        words = f"{last.done} done, {last.left} left"
        note(f"{words}, at most {dollars(last.spent)} spent" + (f": {why}" if why else ""))
        return last


@contextmanager
def _searching(verb: str) -> Iterator[Callable[[Survey], None]]:
    """Show a spinner, and yield a function that shows the numbers so far beside it."""
    console = stderr()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("searching …")
        yield lambda found: progress.update(task, description=f"{verb} {counts(found)}")


def _plan(found: Survey, client: BackfillClient, sent: int = 0) -> BackfillPlan:
    """Return the plan for the listing with the longest prefix that covers all images to process.

    `sent` of them have a message already; the state machine has nothing to do if all have.
    """
    inputs = client.deps.inputs
    if sum(due.why in BY_LISTING for due in found.due) <= sent:
        return plan(found, 0, inputs, sent=sent)
    prefix = plan(found, 0, inputs).prefix
    listed = found.originals + found.ignored
    if prefix != found.selection.prefix:
        listed = sum(len(page) for page in client.scan.originals(prefix))
    return plan(found, listed, inputs, sent=sent)


def _require_budget(run: BackfillRun, planned: BackfillPlan) -> None:
    """Raise SetupFailed if the plan costs more than the rest of the budget."""
    if execute.must_stop(planned.bill.total, run.spent, run.budget):
        spent = f", with {dollars(run.spent)} already spent" if run.spent else ""
        raise SetupFailed(
            f"it would cost about {dollars(planned.bill.total)}{spent}, which is more than the "
            f"budget of {dollars(run.budget or 0)}: raise --budget, or narrow it with --prefix"
        )


def _with_progress(checks: Iterator[execute.Progress], total: int) -> Iterator[execute.Progress]:
    console = stderr()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("starting", total=total)
        for check in checks:
            words = f"done {check.done}/{total}, at most {dollars(check.spent)} spent"
            progress.update(task, completed=check.done, description=words)
            yield check
