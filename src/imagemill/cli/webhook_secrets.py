"""`imagemill keys show --webhook` and `keys rotate --webhook`: the secrets of the webhooks."""

from typing import TYPE_CHECKING

from imagemill.cli.api_keys import note_change
from imagemill.cli.screen import note, print_json, print_line
from imagemill.errors import SetupFailed

if TYPE_CHECKING:
    from imagemill.domain.secret_pair import SecretPair, SecretStore
    from imagemill.wiring.session import Credentials

_AFTER = (
    "webhooks are signed with both secrets in five minutes at most. Give your server the new one, "
    "and wait until it has it before you rotate again"
)


def show_secrets(place: "tuple[str, Credentials]", *, as_json: bool) -> None:
    """Print the valid secrets; raises SetupFailed if the stack sends no webhooks."""
    _print(_store(place).read(), as_json=as_json)


def rotate_secrets(place: "tuple[str, Credentials]", *, as_json: bool) -> None:
    """Make a secret, keep the present one as the previous one, and print both."""
    store = _store(place)
    made = store.read().rotated()
    store.write(made)
    note_change("rotate webhook secret", "webhooks", place)
    _print(made, as_json=as_json)
    note(_AFTER, "dim")


def refuse_both(*, private: bool, webhook: bool) -> None:
    """Raise SetupFailed if keys of two kinds are asked for."""
    if private and webhook:
        raise SetupFailed("expected --private or --webhook, not both")


def _store(place: "tuple[str, Credentials]") -> "SecretStore":
    from imagemill.wiring.webhook_secret import open_webhook_secret  # noqa: PLC0415  # boto3 is slow to load

    return open_webhook_secret(*place)


def _print(secrets: "SecretPair", *, as_json: bool) -> None:
    named = dict(zip(("present", "previous"), secrets.valid, strict=False))
    if as_json:
        print_json(named)
        return
    for name, value in named.items():
        print_line(f"{name:8}  {value}")
