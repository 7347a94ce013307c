"""The keys of signed image URLs of a stack on AWS, and the length of the signatures."""

from typing import TYPE_CHECKING

from imagemill.aws.signing_keys import KeyValueStoreKeys
from imagemill.aws.stack_outputs import stack_outputs, stack_parameters
from imagemill.errors import SetupFailed
from imagemill.requests.key_pairs import SigningKeys
from imagemill.requests.settings import SIGNATURE_BYTES
from imagemill.wiring.session import Credentials, explained, session_of

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient


def open_signing_keys(stack: str, profile: str | None, region: str | None) -> SigningKeys:
    """Return the keys of a stack on AWS; raises SetupFailed if it serves no images on request."""
    with explained():
        session = session_of(Credentials(profile, region))
        client = session.client("cloudfront-keyvaluestore")
    outputs = stack_outputs(_cloudformation(profile, region), stack)
    if "SigningKeysArn" not in outputs:
        raise SetupFailed(
            f"the stack {stack!r} makes no images on request: deploy it with OnRequest=true"
        )
    return KeyValueStoreKeys(client, outputs["SigningKeysArn"])


def signature_bytes(stack: str, profile: str | None, region: str | None) -> int:
    """Return the length of signatures that a stack on AWS expects, bytes."""
    parameters = stack_parameters(_cloudformation(profile, region), stack)
    return int(parameters.get("SignatureBytes", SIGNATURE_BYTES))


def _cloudformation(profile: str | None, region: str | None) -> "CloudFormationClient":
    with explained():
        return session_of(Credentials(profile, region)).client("cloudformation")
