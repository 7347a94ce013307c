"""`imagemill openapi`: the OpenAPI document of the REST API."""

import sys

from imagemill.wiring.shipped_files import openapi_path

EXAMPLE = "imagemill openapi > openapi.json"


def openapi() -> None:
    """Print the OpenAPI document of the REST API, without a network call."""
    sys.stdout.write(openapi_path().read_text())
