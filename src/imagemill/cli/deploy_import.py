"""`imagemill deploy --import`: make the stack of resources that a deleted one has left behind."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from imagemill.cli.screen import note
from imagemill.domain.stack_change import StackState
from imagemill.domain.stack_import import Import
from imagemill.errors import UsageInvalid
from imagemill.operations.import_kept import plan_import

if TYPE_CHECKING:
    from imagemill.local.template import Template
    from imagemill.wiring.deploy import DeployParts


def planned_import(
    template: "Template", names: Mapping[str, str], parts: "DeployParts", before: StackState | None
) -> Import | None:
    """Return the import of the named resources; None without names.

    Raises UsageInvalid for a stack that exists, and for resources that no stack leaves behind.
    """
    if not names:
        return None
    if before and not before.is_new:
        raise UsageInvalid("--import is for a new stack, and this one exists")
    return plan_import(template, names, parts.indexes(names.get("RecordsTable", "")))


def make_import(
    stack: str, planned: Import, parts: "DeployParts", *, dry_run: bool, ask: bool
) -> None:
    """Show the resources, and import them into a new stack after a confirmation.

    The rest of the change is known only after that, so a dry run ends here.
    """
    for one in planned.resources:
        note(f"> {one.logical_id}  {one.name}  imported", "cyan")
    if dry_run:
        raise typer.Exit
    if ask:
        typer.confirm("Make a stack of these resources?", abort=True, err=True)
    parts.deps.stacks.import_kept(stack, planned)
