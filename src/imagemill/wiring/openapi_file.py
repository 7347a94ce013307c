"""The place of `openapi.json`, the OpenAPI document of the REST API."""

from pathlib import Path

from imagemill.errors import SetupFailed

FILENAME = "openapi.json"


def openapi_path() -> Path:
    """Return the path of `openapi.json`: in the source checkout, or inside the package."""
    package = Path(__file__).parents[1]
    for place in (package.parents[1] / FILENAME, package / FILENAME):
        if place.is_file():
            return place
    raise SetupFailed(
        "openapi.json is missing: reinstall imagemill, or run it from its source checkout"
    )
