"""The dependencies of `imagemill adopt`: an existing bucket, and the stack that uses it."""

from imagemill.aws.adoption_switches import AdoptionSwitches
from imagemill.aws.bucket_notifications import BucketNotifications
from imagemill.aws.stack_outputs import stack_outputs
from imagemill.dataclass import dataclass
from imagemill.domain.adoption import Adopter
from imagemill.domain.ignored import suffixes_in
from imagemill.errors import SetupFailed
from imagemill.wiring.botocore_config import CLIENT_CONFIG
from imagemill.wiring.stack import Credentials, explained, session_of


@dataclass(frozen=True, slots=True)
class AdoptionParts:
    """An existing bucket, the stack that uses it, and its note about EventBridge."""

    bucket: BucketNotifications
    adopter: Adopter
    switches: AdoptionSwitches


def open_adoption(
    bucket: str, stack: str, credentials: Credentials, bucket_credentials: Credentials
) -> AdoptionParts:
    """Return the parts for a bucket; raises SetupFailed if the stack does not use it.

    `bucket_credentials` are those of the account that owns the bucket.
    """
    endpoint = credentials.endpoint
    with explained():
        session = session_of(credentials)
        cloudformation = session.client(
            "cloudformation", endpoint_url=endpoint, config=CLIENT_CONFIG
        )
        dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=CLIENT_CONFIG)
        s3 = session_of(bucket_credentials).client(
            "s3", endpoint_url=endpoint, config=CLIENT_CONFIG
        )
    outputs = stack_outputs(cloudformation, stack)
    _check(bucket, stack, outputs)
    adopter = Adopter(
        stack,
        outputs["QueueArn"],
        outputs.get("OriginalsPrefix", ""),
        suffixes_in(outputs.get("OriginalsSuffixes", "")),
        by_eventbridge=outputs["OriginalsEvents"] == "eventbridge",
    )
    notifications = BucketNotifications(s3, bucket)
    region, here = notifications.region(), adopter.queue_arn.split(":")[3]
    if region != here:
        raise SetupFailed(f"the bucket is in {region} and the stack in {here}: they must be in one")
    switches = AdoptionSwitches(dynamodb, outputs["BackfillsTableName"])
    return AdoptionParts(notifications, adopter, switches)


def _check(bucket: str, stack: str, outputs: dict[str, str]) -> None:
    used = outputs.get("OriginalsBucketName")
    if "OriginalsEvents" not in outputs or used != bucket:
        raise SetupFailed(
            f"the stack {stack!r} uses {used}: deploy it with OriginalsBucketName={bucket} first"
        )
