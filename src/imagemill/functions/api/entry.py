"""The Lambda handler of ApiImageUploadFunction."""

from typing import TYPE_CHECKING, Any

from imagemill.functions.api.app import answer
from imagemill.wiring.api_function import api_deps

if TYPE_CHECKING:
    from imagemill.functions.context import LambdaContext


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer one HTTP request."""
    return answer(event, context, api_deps())
