"""Files that the wheel has inside the package, and a source checkout beside it."""

from pathlib import Path

from imagemill.errors import SetupFailed

_PACKAGE = Path(__file__).parents[1]
_CHECKOUT = _PACKAGE.parents[1]


def shipped_path(in_checkout: str, in_package: str = "") -> Path:
    """Return the path of a file or folder, in the checkout or in the package.

    Raises SetupFailed if it is in neither.
    """
    for path in (_CHECKOUT / in_checkout, _PACKAGE / (in_package or in_checkout)):
        if path.exists():
            return path
    raise SetupFailed(
        f"{in_checkout} is missing: reinstall imagemill, or run it from its source checkout"
    )


def openapi_path() -> Path:
    """Return the path of `openapi.json`, the OpenAPI document of the REST API."""
    return shipped_path("openapi.json")
