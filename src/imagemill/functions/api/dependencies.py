"""The dependencies of the routes, and a typed constructor of routers."""

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.depends import Depends

from imagemill.wiring.api_function import ApiDeps, api_deps

Deps = Annotated[ApiDeps, Depends(api_deps)]


def new_router() -> Router:
    """Return an empty router."""
    return Router()  # type: ignore[no-untyped-call]  # Powertools leaves it untyped
