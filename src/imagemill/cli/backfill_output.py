"""The output of `imagemill backfill`: tables on a terminal, or JSON."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.filesize import decimal
from rich.table import Table

from imagemill.backfill.due import DueImage, Reason
from imagemill.backfill.estimate import BackfillPlan
from imagemill.backfill.execute import Progress
from imagemill.backfill.sample import Sample
from imagemill.backfill.survey import Survey
from imagemill.cli.cloud import BackfillClient
from imagemill.cli.screen import note, print_json, print_line, printable, stdout
from imagemill.cli.wording import counted
from imagemill.costs import prices
from imagemill.domain.backfill_run import BackfillRun

# Why an image, a record or a rendition needs work, as text for users.
_MEANINGS = {
    Reason.UNRECORDED: "originals without a record",
    Reason.UNFINISHED: "records whose event never arrived",
    Reason.FAILED: "records with the status failed",
    Reason.CHANGED: "records of an older version of the original",
    Reason.STALE: "images made or rejected with another recipe, limit or version",
    Reason.REJECTED: "rejected images to try again",
    Reason.GONE: "records without an original",
    Reason.DAMAGED: "records with missing renditions",
    Reason.STRAY: "renditions that no record lists",
    Reason.OUTDATED: "images with variants of a former version",
    Reason.ORPHANED: "deleted or unknown images with variants",
}
# Length of the longest reason.
_LONGEST_REASON = max(map(len, Reason))


def show_due(due: Iterable[DueImage], *, as_json: bool) -> None:
    """Print the images that need work, one a line.

    Variants whose image is unknown are named by their own keys.
    """
    for image in due:
        if as_json:
            names = {"key": image.key, "id": image.id} if image.key else {"key": None, "id": None}
            print_json({"why": image.why, **names, "renditions": list(image.renditions)})
        else:
            for key in [image.key] if image.key else image.renditions:
                print_line(f"{image.why.value:<{_LONGEST_REASON}}  {printable(key)}")


def show(found: Survey, planned: BackfillPlan, client: BackfillClient) -> None:
    """Print the reasons, the work and its price."""
    note(f"checked {counts(found)}, {decimal(found.bytes)}")
    if not planned.due:
        note("there is nothing to do")
        return
    reasons = Table(box=None, pad_edge=False, show_header=False)
    for why, count in Counter(due.why for due in planned.due).most_common():
        reasons.add_row(why, f"{count:>9,}", _MEANINGS[why])
    stdout().print(reasons)
    stdout().print(_table(found, planned, client))


def show_first_estimate(sample: Sample, rough: BackfillPlan, client: BackfillClient) -> None:
    """Print the work and its price, estimated from a sample."""
    found = sample.survey
    note(
        f"counted {counts(found)}, {decimal(found.bytes)}; compared "
        f"{sample.share:.0%} of them with their records"
    )
    stdout().print(_table(found, rough, client, about="about "))


def _table(
    found: Survey, planned: BackfillPlan, client: BackfillClient, *, about: str = ""
) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    words = f"{about}{planned.objects:,} to process, {planned.messages:,} messages"
    table.add_row("objects", words)
    table.add_row("bytes", about + decimal(planned.bytes))
    table.add_row(
        "seconds", f"about {planned.seconds:,.0f} with {client.deps.inputs.concurrency} workers"
    )
    table.add_row("dollars", f"about {dollars(planned.bill.total)}: {_items(planned)}")
    base, slope = found.pace.line
    measured = f"measured on {counted(found.pace.images, 'image')}"
    basis = measured if found.pace.images else "assumed, because no image was measured yet"
    table.add_row("pace", f"{base:.0f} ms per image and {slope:.0f} ms per megapixel, {basis}")
    table.add_row("prices", f"{prices.REGION}, {prices.AS_OF}, without the free tier")
    return table


def _items(planned: BackfillPlan) -> str:
    return ", ".join(f"{name} {dollars(cost)}" for name, cost in planned.bill.items.items())


def counts(found: Survey) -> str:
    """Return the checked numbers: `69 originals, 48 records, 103 renditions`."""
    words = [counted(found.originals, "original")]
    if found.records or found.renditions:
        words += [counted(found.records, "record"), counted(found.renditions, "rendition")]
    words += [counted(found.variants, "variant")] if found.variants else []
    words += [f"{found.ignored:,} ignored"] if found.ignored else []
    return ", ".join(words)


def dollars(amount: float) -> str:
    """Return an amount with two decimals, or with six if it is less than a dollar."""
    return f"${amount:.2f}" if amount >= 1 else f"${amount:.6f}"


def facts(found: Survey, planned: BackfillPlan) -> dict[str, Any]:
    """Return the survey and the plan as JSON: sizes in bytes, durations in seconds."""
    return {
        "looked_at": {
            "originals": found.originals,
            "ignored": found.ignored,
            "bytes": found.bytes,
            "records": found.records,
            "renditions": found.renditions,
            "variants": found.variants,
        },
        "due": {why.value: count for why, count in Counter(d.why for d in planned.due).items()},
        "objects": len(planned.due),
        "messages": planned.messages,
        "bytes": planned.bytes,
        "seconds": round(planned.seconds, 3),
        "dollars": round(planned.bill.total, 9),
        "bill": {name: round(cost, 9) for name, cost in planned.bill.items.items()},
    }


def first_estimate(rough: BackfillPlan) -> dict[str, Any]:
    """Return the estimate from a sample as JSON: bytes, seconds and dollars."""
    figures = {
        "objects": rough.objects,
        "messages": rough.messages,
        "bytes": rough.bytes,
        "seconds": round(rough.seconds, 3),
        "dollars": round(rough.bill.total, 9),
    }
    return {"first_estimate": figures}


def result(end: Progress, run: BackfillRun) -> dict[str, Any]:
    """Return the result of a run as JSON; `spent` is in dollars."""
    return {
        "run": run.name,
        "end": end.end,
        "mended": end.done,
        "left": end.left,
        "spent": round(end.spent, 9),
    }
