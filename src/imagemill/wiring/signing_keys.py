"""The keys of signed image URLs of a stack on AWS."""

import boto3
from botocore.exceptions import BotoCoreError

from imagemill.aws.signing_keys import KeyValueStoreKeys
from imagemill.aws.stack_outputs import stack_outputs
from imagemill.errors import SetupFailed
from imagemill.requests.key_pairs import SigningKeys


def open_signing_keys(stack: str, profile: str | None, region: str | None) -> SigningKeys:
    """Return the keys of a stack on AWS; raises SetupFailed if it serves no images on request."""
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        client = session.client("cloudfront-keyvaluestore")
        cloudformation = session.client("cloudformation")
    except (BotoCoreError, ValueError) as fault:
        raise SetupFailed(f"AWS cannot be used: {fault}") from fault
    outputs = stack_outputs(cloudformation, stack)
    if "SigningKeysArn" not in outputs:
        raise SetupFailed(
            f"the stack {stack!r} makes no images on request: deploy it with OnRequest=true"
        )
    return KeyValueStoreKeys(client, outputs["SigningKeysArn"])
