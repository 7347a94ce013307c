"""The command line: every command, the exit codes and how errors are printed."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, ParamSpec

import typer

from imagemill.cli import (
    adopt,
    api_keys,
    audit,
    backfill,
    cost,
    deploy,
    doctor,
    failed,
    focus,
    get,
    keys,
    login,
    ls,
    mv,
    openapi,
    put,
    recipe,
    redrive,
    reprocess,
    resize,
    rm,
    share,
    show,
    sign,
    site,
    up,
)
from imagemill.cli.screen import give_up
from imagemill.errors import ImagemillError, UsageInvalid
from imagemill.version import VERSION

_Options = ParamSpec("_Options")
# The distribution that installs a module which may be missing. A dependency of imagemill is missing
# only after an installation without dependencies.
INSTALLERS = {
    "boto3": "imagemill",
    "botocore": "imagemill",
    "httpx": "imagemill",
    "yaml": "imagemill",
    "ministack": "imagemill[local]",
    "samtranslator": "imagemill[local]",
}
_EXIT_CODES = """\
Exit codes: 0 success · 1 an image was rejected, failed, timed out or was not found, or the setup
is wrong · 2 the command line is invalid.

Example: `imagemill up`"""


def missing_module(fault: ModuleNotFoundError) -> str:
    """Return how to install the module; raises the fault again if imagemill does not need it."""
    name = (fault.name or "").partition(".")[0]
    if name not in INSTALLERS:
        raise fault
    return f"{name} is not installed: run pip install '{INSTALLERS[name]}'"


app = typer.Typer(
    name="imagemill",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(requested: bool) -> None:  # noqa: FBT001  # a callback's signature
    if requested:
        typer.echo(f"imagemill {VERSION}")
        raise typer.Exit


@app.callback(epilog=_EXIT_CODES)
def main(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Upload images; get resized renditions and a record of each, on AWS or on this machine."""


def explained(command: Callable[_Options, None]) -> Callable[_Options, None]:
    """Return the command; it prints an expected error as one line.

    The exit code is 2 if an option or an argument is invalid, and 1 for any other error.
    """

    @wraps(command)
    def run(*args: _Options.args, **options: _Options.kwargs) -> None:
        try:
            command(*args, **options)
        except UsageInvalid as fault:
            give_up(str(fault), exit_code=2)
        except ImagemillError as fault:
            give_up(str(fault))
        except ModuleNotFoundError as fault:
            give_up(missing_module(fault))
        except BrokenPipeError:
            raise
        except OSError as fault:
            words = (fault.strerror or str(fault), fault.filename)
            give_up(": ".join(str(word) for word in words if word))

    return run


def _add(command: Callable[..., None], example: str, name: str | None = None) -> None:
    app.command(name, epilog=f"Example: `{example}`")(explained(command))


_add(up.up, up.EXAMPLE)
_add(put.put, put.EXAMPLE)
_add(ls.ls, ls.EXAMPLE)
_add(show.show, show.EXAMPLE)
_add(get.get, get.EXAMPLE)
_add(focus.focus, focus.EXAMPLE)
_add(mv.mv, mv.EXAMPLE)
_add(rm.rm, rm.EXAMPLE)
_add(share.share, share.EXAMPLE)
_add(share.shares, share.LIST_EXAMPLE)
_add(login.login, login.EXAMPLE)
_add(login.logout, login.LOGOUT_EXAMPLE)
_add(failed.failed, failed.EXAMPLE)
_add(redrive.redrive_command, redrive.EXAMPLE, "redrive")
_add(reprocess.reprocess_command, reprocess.EXAMPLE, "reprocess")
_add(audit.audit, audit.EXAMPLE)
_add(backfill.backfill, backfill.EXAMPLE)
_add(adopt.adopt, adopt.EXAMPLE)
_add(resize.resize, resize.EXAMPLE)
_add(recipe.recipe, recipe.EXAMPLE)
_add(sign.sign, sign.EXAMPLE)
_add(cost.cost, cost.EXAMPLE)
_add(deploy.deploy, deploy.EXAMPLE)
_add(doctor.doctor, doctor.EXAMPLE)
_add(openapi.openapi, openapi.EXAMPLE)

_SITE_EPILOG = f"Example: `{site.PUBLISH_EXAMPLE}`"
_site = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", epilog=_SITE_EPILOG)
_site.command("publish", epilog=_SITE_EPILOG)(explained(site.publish_command))
app.add_typer(_site, name="site", help="Publish the gallery, the web page that shows the images.")

_keys = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    epilog=f"Example: `{keys.SHOW_EXAMPLE}`",
)
_keys.command("show", epilog=f"Example: `{keys.SHOW_EXAMPLE}`")(explained(keys.show_command))
_keys.command("rotate", epilog=f"Example: `{keys.ROTATE_EXAMPLE}`")(explained(keys.rotate_command))
for _name, _command, _example in (
    ("create", api_keys.create_command, api_keys.CREATE_EXAMPLE),
    ("list", api_keys.list_command, api_keys.LIST_EXAMPLE),
    ("delete", api_keys.delete_command, api_keys.DELETE_EXAMPLE),
    ("owner", api_keys.owner_command, api_keys.OWNER_EXAMPLE),
):
    _keys.command(_name, epilog=f"Example: `{_example}`")(explained(_command))
app.add_typer(_keys, name="keys", help="API keys with scopes, and the keys that sign image URLs.")
