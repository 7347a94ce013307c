"""`imagemill keys show` and `rotate` with --webhook, and `rotate --shares`: pairs of secrets."""

from typing import TYPE_CHECKING

from imagemill.cli.screen import note, print_json, print_line
from imagemill.cli.stack_access import StackAccess, note_change
from imagemill.errors import UsageInvalid

if TYPE_CHECKING:
    from imagemill.domain.secret_pair import SecretPair, SecretStore

_AFTER = (
    "webhooks are signed with both secrets in five minutes at most. Give your server the new one, "
    "and wait until it has it before you rotate again"
)


def show_secrets(access: StackAccess, *, as_json: bool) -> None:
    """Print the valid secrets; raises SetupFailed if the stack sends no webhooks."""
    _print(_store(access).read(), as_json=as_json)


def rotate_secrets(access: StackAccess, *, as_json: bool) -> None:
    """Make a secret, keep the present one as the previous one, and print both."""
    store = _store(access)
    made = store.read().rotated()
    store.write(made)
    note_change("rotate webhook secret", "webhooks", access)
    _print(made, as_json=as_json)
    note(_AFTER, "dim")


def rotate_shares(access: StackAccess) -> None:
    """Make a secret of share links, and keep the present one as the previous one."""
    from imagemill.wiring.stack_shares import open_share_secret  # noqa: PLC0415  # as below

    store = open_share_secret(*access)
    store.write(store.read().rotated())
    note_change("rotate share secret", "share links", access)
    note("new links have a new secret; present ones are valid until the next rotation", "dim")


def refuse_several(*, private: bool, webhook: bool, shares: bool = False) -> None:
    """Raise UsageInvalid if keys of several kinds are asked for."""
    if private + webhook + shares > 1:
        raise UsageInvalid("the options for a kind of keys cannot be used together")


def _store(access: StackAccess) -> "SecretStore":
    from imagemill.wiring.webhook_secret import open_webhook_secret  # noqa: PLC0415  # boto3 is slow to load

    return open_webhook_secret(*access)


def _print(secrets: "SecretPair", *, as_json: bool) -> None:
    named = dict(zip(("present", "previous"), secrets.valid, strict=False))
    if as_json:
        print_json(named)
        return
    for name, value in named.items():
        print_line(f"{name:8}  {value}")
