"""Print the OpenAPI document: `python -m imagemill.functions.api > openapi.json`."""

import json
import sys

from imagemill.functions.api.openapi.document import document


def contract_text() -> str:
    """Return the text of `openapi.json`, which ends with a line break."""
    return json.dumps(document(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(contract_text())
