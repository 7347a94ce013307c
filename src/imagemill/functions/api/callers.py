"""The caller of a request, by its credentials."""

from typing import TYPE_CHECKING

from imagemill.domain.caller import EVERYTHING, Caller, Scope, of_key
from imagemill.errors import Unauthorized
from imagemill.functions.api.messages import Request

if TYPE_CHECKING:
    from imagemill.functions.api.deps import Deps


def permitted(request: Request, scope: Scope, deps: "Deps") -> Caller:
    """Return the caller of a request; raises Forbidden if it lacks a scope, and Unauthorized."""
    caller = _caller(request, deps)
    caller.require(scope)
    return caller


def _caller(request: Request, deps: "Deps") -> Caller:
    credentials = request.credentials
    match credentials.kind:
        case "jwt":
            return deps.tokens.caller(_bearer_token(request))
        case "share":
            # Only the URL of share links needs it.
            from imagemill.api.shares import caller_with  # noqa: PLC0415

            return caller_with(_bearer_token(request), deps.shares)
        case "iam" if credentials.arn:
            return Caller(f"iam:{credentials.arn}", EVERYTHING)
        case "key" if credentials.key:
            return of_key(credentials.key, credentials.key_id)
        case _:
            raise Unauthorized("expected a request with a key or a signature")


def _bearer_token(request: Request) -> str:
    """Return the token in the header Authorization (RFC 6750); raises Unauthorized."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("expected the header Authorization with a bearer token")
    return token.strip()
