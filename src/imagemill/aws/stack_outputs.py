"""The outputs of a deployed stack, which name its resources, and its parameters."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from imagemill.errors import SetupFailed

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


def stack_outputs(client: "CloudFormationClient", stack: str) -> dict[str, str]:
    """Return the outputs of a stack by name; raises SetupFailed if it cannot be read."""
    outputs = _described(client, stack).get("Outputs", [])
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


def stack_parameters(client: "CloudFormationClient", stack: str) -> dict[str, str]:
    """Return the parameters of a stack by name; raises SetupFailed if it cannot be read."""
    parameters = _described(client, stack).get("Parameters", [])
    return {one["ParameterKey"]: one["ParameterValue"] for one in parameters}


def _described(client: "CloudFormationClient", stack: str) -> "StackTypeDef":
    try:
        return client.describe_stacks(StackName=stack)["Stacks"][0]
    except (ClientError, BotoCoreError) as fault:
        raise SetupFailed(f"the stack {stack!r} cannot be read: {fault}") from fault
