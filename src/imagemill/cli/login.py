"""`imagemill login` and `logout`: sign in to the REST API of a stack as a user."""

import webbrowser
from typing import Annotated

import typer

from imagemill.cli import options
from imagemill.cli.cloud import logins_dir
from imagemill.cli.screen import note, print_line
from imagemill.domain.sign_in import SignIn
from imagemill.errors import UsageInvalid

EXAMPLE = "imagemill login https://d111111abcdef8.cloudfront.net"
LOGOUT_EXAMPLE = "imagemill logout --api https://images.example.com"
# Longest time to sign in, in seconds.
_TIMEOUT_S = 300
_AT_ISSUER = "At the issuer"

_Issuer = Annotated[
    str | None,
    typer.Option(metavar="URL", help="The parameter JwtIssuer.", rich_help_panel=_AT_ISSUER),
]
_Client = Annotated[
    str | None,
    typer.Option(metavar="ID", help="Client ID that the issuer knows.", rich_help_panel=_AT_ISSUER),
]
_Audience = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        help="The parameter JwtAudience; default: the client ID.",
        rich_help_panel=_AT_ISSUER,
    ),
]
_Scope = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        help="Scopes to ask for, such as 'openid offline_access'.",
        rich_help_panel=_AT_ISSUER,
    ),
]
_Port = Annotated[
    int,
    typer.Option(
        min=1,
        max=65535,
        help="Port on this machine to which the issuer redirects the browser.",
        rich_help_panel=_AT_ISSUER,
    ),
]


def login(  # noqa: PLR0913  # one parameter an option
    gallery: Annotated[
        str | None,
        typer.Argument(metavar="[GALLERY]", help="URL of the gallery, which names the rest."),
    ] = None,
    *,
    api: options.Api = None,
    issuer: _Issuer = None,
    client: _Client = None,
    audience: _Audience = None,
    scope: _Scope = None,
    port: _Port = 8976,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the issuer's page in a browser.")
    ] = True,
) -> None:
    """Sign in as a user of the stack, for the commands with `--api`.

    The issuer must know `http://localhost:8976/` as a redirect URI of the client. The login is
    kept for the URL of the API, in a file that only you can read, and refreshed when it ends.
    """
    from imagemill.wiring.rest_api import sign_in  # noqa: PLC0415  # httpx is slow to load

    given = SignIn(issuer or "", client or "", audience or "", scope or "", api or "")
    wanted = _wanted(gallery, given)

    def show(url: str) -> None:
        note(f"sign in at {url}")
        if browser:
            webbrowser.open(url)

    sign_in(wanted, port, _TIMEOUT_S, show, logins_dir())
    note("signed in; the commands take")
    print_line(f"--api {wanted.api}")


def logout(*, api: options.Api = None) -> None:
    """Forget the login at an API, and revoke it at the issuer."""
    from imagemill.wiring.rest_api import sign_out  # noqa: PLC0415  # httpx is slow to load

    if not api:
        raise UsageInvalid("expected --api with the URL of the API")
    note("signed out" if sign_out(api, logins_dir()) else "there is no login at this API")


def _wanted(gallery: str | None, given: SignIn) -> SignIn:
    """Return the sign-in of the gallery with the given changes; raises UsageInvalid."""
    from imagemill.wiring.rest_api import sign_in_of  # noqa: PLC0415  # httpx is slow to load

    known = sign_in_of(gallery) if gallery else SignIn("", "", given.client, "openid", "")
    wanted = SignIn(
        given.issuer or known.issuer,
        given.client or known.client,
        given.audience or known.audience,
        given.scope or known.scope,
        (given.api or known.api).rstrip("/"),
    )
    if not (wanted.issuer and wanted.client and wanted.api):
        raise UsageInvalid("expected the URL of a gallery, or --api, --issuer and --client")
    return wanted
