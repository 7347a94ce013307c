"""Convert GatewayResponses of an API to resources, because the embedded AWS ignores them inside."""

from typing import Any


def gateway_responses(name: str, api: dict[str, Any]) -> dict[str, Any]:
    """Remove `GatewayResponses` from a serverless API, and return them as resources by logical id.

    On AWS they must stay inside the API: an import of its routes would delete separate resources.
    Their ids sort before that of the API's deployment, because a deployment keeps the responses
    that exist when it is created.
    """
    condition = {"Condition": api["Condition"]} if "Condition" in api else {}
    inside: dict[str, Any] = api["Properties"].pop("GatewayResponses", {})
    return {
        f"{name}Answer{kind.title().replace('_', '')}": {
            **condition,
            **_resource(name, kind, response),
        }
        for kind, response in inside.items()
    }


def _resource(name: str, kind: str, response: dict[str, Any]) -> dict[str, Any]:
    headers = response["ResponseParameters"]["Headers"]
    return {
        "Type": "AWS::ApiGateway::GatewayResponse",
        "Properties": {
            "RestApiId": {"Ref": name},
            "ResponseType": kind,
            "StatusCode": str(response["StatusCode"]),
            "ResponseTemplates": response["ResponseTemplates"],
            "ResponseParameters": {
                f"gatewayresponse.header.{header}": value for header, value in headers.items()
            },
        },
    }
