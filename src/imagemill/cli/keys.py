"""`imagemill keys`: show and rotate the keys of signed image URLs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from imagemill.cli import options
from imagemill.cli.screen import note, print_json, print_line, stdout
from imagemill.cli.stack_access import StackAccess, note_change, stack_access
from imagemill.cli.webhook_secrets import (
    refuse_several,
    rotate_secrets,
    rotate_shares,
    show_secrets,
)
from imagemill.errors import SetupFailed
from imagemill.local.address import default_data_dir, running
from imagemill.private.keys import parameters_of
from imagemill.requests.key_pairs import SigningKeys
from imagemill.requests.settings import KeyPair

if TYPE_CHECKING:
    from imagemill.private.keys import StoredKey
    from imagemill.wiring.private_keys import StackPrivateKeys

SHOW_EXAMPLE = "imagemill keys show"
ROTATE_EXAMPLE = "imagemill keys rotate --stack imagemill"
_DEPLOY = (
    "deploy the stack with these parameters and Private=true, also in samconfig.toml. Until then, "
    "the key before is used"
)
_DEPLOY_HERE = "the next start of `imagemill up` uses the new key"
_NAMES = ("present", "previous")
_Private = Annotated[
    bool, typer.Option("--private", help="The keys of private images (Private=true) instead.")
]
_Webhook = Annotated[
    bool, typer.Option("--webhook", help="The secrets of the webhooks (WebhookUrl) instead.")
]
_Shares = Annotated[
    bool, typer.Option("--shares", help="The secret of the share links (Shares) instead.")
]


def show_command(  # noqa: PLR0913  # one parameter an option
    *,
    private: _Private = False,
    webhook: _Webhook = False,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """Show the keys of signed image URLs, as hexadecimal digits.

    imgproxy's clients take them as key and salt. They are secret: everyone who has them can sign.
    With --private: the public keys of private images, as parameters of the stack.
    With --webhook: the secrets with which webhooks are signed.
    """
    refuse_several(private=private, webhook=webhook)
    if webhook:
        show_secrets(stack_access(stack, profile, region, data_dir), as_json=as_json)
        return
    if private:
        access = stack_access(stack, profile, region, data_dir)
        _print_parameters(_private_keys(access).keys.read(), as_json=as_json)
        return
    _print(present(signing_keys(stack, profile, region, data_dir)), as_json=as_json)


def rotate_command(  # noqa: PLR0913  # one parameter an option
    *,
    private: _Private = False,
    webhook: _Webhook = False,
    shares: _Shares = False,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """Make a new key, and keep the present one valid until the next rotation.

    Run it once after the first deployment if you want to sign URLs, and again to replace the key.
    Let your programs sign with the new key before you rotate again. If a key has leaked, rotate
    twice. CloudFront uses a new key after some seconds.

    With --private: make a new key of private images, and print the parameters with which the stack
    is to be deployed. The first run comes before the first deployment with Private=true.

    With --webhook: make a new secret for webhooks. They are signed with it and the present one.

    With --shares: make a new secret for share links. Two rotations revoke all present links.
    """
    refuse_several(private=private, webhook=webhook, shares=shares)
    if shares:
        rotate_shares(stack_access(stack, profile, region, data_dir))
        return
    if webhook:
        rotate_secrets(stack_access(stack, profile, region, data_dir), as_json=as_json)
        return
    if private:
        access = stack_access(stack, profile, region, data_dir)
        made = _private_keys(access).rotate()
        note_change("rotate private key", "private images", access)
        _print_parameters(made, as_json=as_json)
        note(_DEPLOY_HERE if stack is None else _DEPLOY, "dim")
        return
    pairs = signing_keys(stack, profile, region, data_dir).rotate()
    if stack or running(data_dir):
        note_change(
            "rotate signing key", "image URLs", stack_access(stack, profile, region, data_dir)
        )
    _print(pairs, as_json=as_json)
    if len(pairs) > 1:
        note("URLs with the previous key are valid until the next rotation", "dim")


def signing_keys(
    stack: str | None, profile: str | None, region: str | None, data_dir: Path | None
) -> SigningKeys:
    """Return the keys of a stack on AWS, or of the data folder of `imagemill up`."""
    options.check_stack(stack, profile, region)
    if stack:
        from imagemill.wiring.signing_keys import open_signing_keys  # noqa: PLC0415  # boto3 is slow to load

        return open_signing_keys(stack, profile, region)
    from imagemill.local.signing_keys import FileKeys  # noqa: PLC0415  # only without --stack

    return FileKeys(data_dir or default_data_dir())


def _private_keys(access: StackAccess) -> "StackPrivateKeys":
    from imagemill.wiring.private_keys import open_private_keys  # noqa: PLC0415  # boto3 is slow to load

    return open_private_keys(*access)


def _print_parameters(keys: "tuple[StoredKey, ...]", *, as_json: bool) -> None:
    if not keys:
        raise SetupFailed("there are no keys yet: make them with `imagemill keys rotate --private`")
    parameters = parameters_of(keys)
    if as_json:
        print_json(parameters)
        return
    for name, value in parameters.items():
        print_line(f"{name}={value}")


def present(keys: SigningKeys) -> tuple[KeyPair, ...]:
    """Return the key pairs, at least one; raises SetupFailed if there is none."""
    pairs = keys.read()
    if not pairs:
        raise SetupFailed("there are no keys yet: make them with `imagemill keys rotate`")
    return pairs


def _print(pairs: tuple[KeyPair, ...], *, as_json: bool) -> None:
    named = list(zip(_NAMES, pairs, strict=False))
    if as_json:
        print_json({name: {"key": pair.key.hex(), "salt": pair.salt.hex()} for name, pair in named})
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "key", "salt"):
        table.add_column(heading, overflow="fold")
    for name, pair in named:
        table.add_row(name, pair.key.hex(), pair.salt.hex())
    stdout().print(table)
