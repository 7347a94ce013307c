"""The outputs of a deployed stack, which name its resources."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from imagemill.errors import SetupFailed

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient


def stack_outputs(client: "CloudFormationClient", stack: str) -> dict[str, str]:
    """Return the outputs of a stack by name; raises SetupFailed if it cannot be read."""
    try:
        described = client.describe_stacks(StackName=stack)["Stacks"][0]
    except (ClientError, BotoCoreError) as fault:
        raise SetupFailed(f"the stack {stack!r} cannot be read: {fault}") from fault
    return {o["OutputKey"]: o["OutputValue"] for o in described.get("Outputs", [])}
