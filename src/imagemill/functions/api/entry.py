"""The Lambda handler of ApiImageUploadFunction."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from imagemill.functions.api.app import answer, build_app
from imagemill.wiring.api_function import api_deps


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP request."""
    return answer(_app(), event, context)


@cache
def _app() -> APIGatewayRestResolver:
    return build_app(api_deps().cors_origin)
