"""`imagemill rm`: delete originals; the pipeline then deletes their renditions."""

import sys
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

from imagemill.cli import options
from imagemill.cli.cloud import StackClient, StackOptions, open_client
from imagemill.cli.screen import note, print_line, printable
from imagemill.cli.wording import counted, padded_status
from imagemill.operations.download import key_of
from imagemill.operations.wait import WaitOptions, wait_for_deletes

EXAMPLE = "imagemill rm sample.png --yes --wait"


def rm(  # noqa: PLR0913  # one parameter an option
    context: typer.Context,
    images: Annotated[list[str], typer.Argument(metavar="ID|KEY", help="Ids or keys of images.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until the renditions are deleted too.")
    ] = False,
    timeout: options.TimeoutS = 120,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    api: options.Api = None,
) -> None:
    """Delete images: the originals at once, their renditions a moment later.

    On a terminal, the command asks for confirmation first; in a script it does not.
    """
    client = open_client(context, StackOptions(stack, profile, region, data_dir, api))
    keys, unknown = _resolve(images, client)
    for image in unknown:
        note(f"imagemill: there is no image {image!r}", "red")
    if keys and not yes and sys.stdin.isatty():
        typer.confirm(f"Delete {_named(keys)}?", abort=True, err=True)
    for key in keys:
        client.originals.delete(key)
    all_gone = _report(keys, client, timeout if wait else None)
    if unknown or not all_gone:
        raise typer.Exit(1)


def _resolve(images: Iterable[str], client: StackClient) -> tuple[list[str], list[str]]:
    """Return the keys of the images that exist, without duplicates, and the unknown names."""
    found = {image: key_of(image, client.records, client.originals) for image in images}
    keys = dict.fromkeys(key for key in found.values() if key)
    return list(keys), [image for image, key in found.items() if key is None]


def _named(keys: Sequence[str]) -> str:
    return repr(keys[0]) if len(keys) == 1 else counted(len(keys), "image")


def _report(keys: Iterable[str], client: StackClient, timeout_s: float | None) -> bool:
    if timeout_s is None:
        ends = [(key, True) for key in keys]
    else:
        wait_options = WaitOptions(timeout_s)
        ends = list(wait_for_deletes(keys, client.records, wait_options))
    for key, is_gone in ends:
        print_line(padded_status("deleted" if is_gone else "timed_out"), f"  {printable(key)}")
    return all(is_gone for _, is_gone in ends)
