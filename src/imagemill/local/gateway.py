"""The gateway's own answers, as resources: the embedded AWS passes over those inside an API."""

from typing import Any


def gateway_responses(name: str, api: dict[str, Any]) -> dict[str, Any]:
    """Return the resources, by logical id, that `GatewayResponses` of a serverless API stand for.

    On AWS they must stay inside: importing the API's routes again would wipe resources. Their ids
    sort before that of the API's deployment, which keeps the answers made by then.
    """
    inside: dict[str, Any] = api["Properties"].pop("GatewayResponses", {})
    return {
        f"{name}Answer{kind.title().replace('_', '')}": _resource(name, kind, response)
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
