"""Deploy the template to the embedded AWS with CloudFormation."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from imagemill.errors import SetupFailed
from imagemill.local.ministack_keys import CODE_BUCKET
from imagemill.local.root_key import RootKey
from imagemill.local.source import archive, archive_key
from imagemill.local.template import fit_to_emulator, load_template, parameters_here
from imagemill.operations.parameter_rules import check_rules
from imagemill.operations.parameter_values import Parameter, check_parameters
from imagemill.wiring.shipped_files import openapi_path

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef
    from mypy_boto3_s3.client import S3Client

_TEMPLATE = "template.json"
# Longest time of a deployment, in seconds; it usually takes less than one.
_DEPLOY_TIMEOUT_S = 120
# Hexadecimal digits of the folder name: 128 bits.
_FOLDER_DIGITS = 32
_PACKAGE = Path(__file__).parents[1]


def deploy(
    session: boto3.Session, endpoint: str, stack: str, template: Path, parameters: Mapping[str, str]
) -> dict[str, str]:
    """Create or update the stack, with the rights of the root, and return its outputs by name.

    Raises SetupFailed with the parameters that are refused, before anything is changed, or with the
    first resource that failed and the reason.
    """
    loaded = load_template(template)
    declared = parameters_here(loaded["Parameters"])
    check_parameters(declared, parameters)
    check_rules(loaded.get("Rules", {}), declared, parameters)
    numbers = whole_numbers(declared, parameters)
    s3 = session.client("s3", endpoint_url=endpoint)
    client = session.client("cloudformation", endpoint_url=endpoint)
    # The template is larger than the limit of TemplateBody, so it is passed by its URL.
    url = f"{endpoint}/{CODE_BUCKET}/{_TEMPLATE}"
    try:
        code = _upload_code(s3, _folder(session))
        text = fit_to_emulator(loaded, code, numbers, endpoint)
        s3.put_object(Bucket=CODE_BUCKET, Key=_TEMPLATE, Body=text.encode())
        _create_or_update(client, stack, url, parameters)
        described = _wait(client, stack)
    except (ClientError, BotoCoreError) as fault:
        raise SetupFailed(f"the stack could not be deployed: {fault}") from fault
    return {o["OutputKey"]: o["OutputValue"] for o in described.get("Outputs", [])}


def _folder(session: boto3.Session) -> str:
    """Return a folder name that cannot be guessed without the root's secret."""
    owner = session.get_credentials()
    assert owner, "the session of the root has its key"  # noqa: S101  # for the type checker
    return RootKey(owner.access_key, owner.secret_key).derive("code")[:_FOLDER_DIGITS]


def whole_numbers(declared: Mapping[str, Parameter], given: Mapping[str, str]) -> dict[str, int]:
    """Return the values of the parameters that are whole numbers."""
    values = {
        name: given.get(name, str(parameter["Default"]))
        for name, parameter in declared.items()
        if parameter["Type"] == "Number"
    }
    return {name: int(value) for name, value in values.items() if value.isdecimal()}


def _upload_code(s3: "S3Client", folder: str) -> dict[str, str]:
    data = archive(_PACKAGE, openapi_path())
    _ensure_bucket(s3, CODE_BUCKET)
    location = {"Bucket": CODE_BUCKET, "Key": archive_key(data, folder)}
    s3.put_object(**location, Body=data)  # type: ignore[arg-type]  # of Bucket and Key
    return location


def _ensure_bucket(s3: "S3Client", name: str) -> None:
    """Create a bucket unless an earlier start has created it."""
    try:
        s3.create_bucket(Bucket=name)
    except s3.exceptions.BucketAlreadyOwnedByYou:
        return


def _create_or_update(
    client: "CloudFormationClient", stack: str, url: str, parameters: Mapping[str, str]
) -> None:
    change = client.update_stack if _describe(client, stack) else client.create_stack
    try:
        change(
            StackName=stack,
            TemplateURL=url,
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except ClientError as fault:
        if "No updates are to be performed" not in fault.response["Error"].get("Message", ""):
            raise


def _describe(client: "CloudFormationClient", stack: str) -> "StackTypeDef | None":
    """Return the stack, or None; a stack whose creation failed is deleted first."""
    found = [s for s in client.describe_stacks()["Stacks"] if s["StackName"] == stack]
    if found and found[0]["StackStatus"] in {"ROLLBACK_COMPLETE", "CREATE_FAILED"}:
        client.delete_stack(StackName=stack)
        return None
    return found[0] if found else None


def _wait(client: "CloudFormationClient", stack: str) -> "StackTypeDef":
    deadline = time.monotonic() + _DEPLOY_TIMEOUT_S
    while time.monotonic() < deadline:
        described = client.describe_stacks(StackName=stack)["Stacks"][0]
        if described["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return described
        if not described["StackStatus"].endswith("_IN_PROGRESS"):
            raise SetupFailed(f"the stack could not be deployed: {_reason(client, stack)}")
        time.sleep(0.1)
    raise SetupFailed(f"the stack was not deployed within {_DEPLOY_TIMEOUT_S} s")


def _reason(client: "CloudFormationClient", stack: str) -> str:
    events = client.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [e for e in reversed(events) if e.get("ResourceStatus", "").endswith("_FAILED")]
    if not failed:
        return "no resource gives a reason"
    first = failed[0]
    return (
        f"{first.get('LogicalResourceId')}: {first.get('ResourceStatusReason', 'unknown reason')}"
    )
