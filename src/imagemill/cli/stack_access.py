"""The access of commands to a stack by the rights of AWS, and the audit log of their changes."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from imagemill.cli import options
from imagemill.cli.cloud import credentials_at, running_address
from imagemill.cli.screen import note
from imagemill.errors import SetupFailed

if TYPE_CHECKING:
    from imagemill.wiring.session import Credentials


class StackAccess(NamedTuple):
    """The name of a stack on AWS or of the running `imagemill up`, and its credentials."""

    stack: str
    credentials: "Credentials"


def stack_access(
    stack: str | None, profile: str | None, region: str | None, data_dir: Path | None
) -> StackAccess:
    """Return the access that the options name; raises UsageInvalid and SetupFailed."""
    from imagemill.wiring.session import Credentials  # noqa: PLC0415  # boto3 is slow to load

    options.check_stack(stack, profile, region)
    if stack:
        return StackAccess(stack, Credentials(profile=profile, region=region))
    here = running_address(data_dir)
    return StackAccess(here.stack, credentials_at(here))


def note_change(action: str, target: str, access: StackAccess) -> None:
    """Add a change of a key to the audit log; the change stays if that fails."""
    from imagemill.wiring.api_keys import open_audit_log  # noqa: PLC0415  # as above

    try:
        open_audit_log(*access).add(action, target)
    except SetupFailed as fault:
        note(f"not in the audit log: {fault}", "yellow")
