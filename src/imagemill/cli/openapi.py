"""`imagemill openapi`: the OpenAPI document of the REST API."""

import sys
from pathlib import Path

from imagemill.errors import SetupFailed

EXAMPLE = "imagemill openapi > openapi.json"


def openapi() -> None:
    """Print the OpenAPI document of the REST API, without a network call."""
    sys.stdout.write(_place().read_text())


def _place() -> Path:
    """Return the path of `openapi.json`: in the source checkout, or inside the package."""
    package = Path(__file__).parents[1]
    for place in (package.parents[1] / "openapi.json", package / "openapi.json"):
        if place.is_file():
            return place
    raise SetupFailed(
        "openapi.json is missing: reinstall imagemill, or run it from its source checkout"
    )
