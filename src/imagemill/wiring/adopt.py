"""The dependencies of `imagemill adopt`: an existing bucket, and the stack that uses it."""

from imagemill.aws.adoption_switches import AdoptionSwitches
from imagemill.aws.bucket_notifications import BucketNotifications
from imagemill.aws.stack_outputs import stack_outputs
from imagemill.dataclass import dataclass
from imagemill.domain.adoption import Adopter
from imagemill.domain.bucket_policies import (
    PolicyContext,
    Roles,
    Statement,
    key_statements,
    originals_statements,
    processed_statements,
)
from imagemill.domain.ignored import suffixes_in
from imagemill.errors import SetupFailed
from imagemill.operations.adopt_bucket import plan_adoption
from imagemill.wiring.botocore_config import CLIENT_CONFIG
from imagemill.wiring.session import Credentials, explained, session_of


@dataclass(frozen=True, slots=True)
class Selected:
    """A stack, the credentials for it, and those of the account that owns the bucket."""

    stack: str
    own: Credentials
    theirs: Credentials


@dataclass(frozen=True, slots=True)
class AdoptionParts:
    """An existing bucket, the stack that uses it, and its note about EventBridge."""

    bucket: BucketNotifications
    adopter: Adopter
    switches: AdoptionSwitches


def open_adoption(bucket: str, selected: Selected, *, undo: bool) -> AdoptionParts:
    """Return the parts for a bucket; raises SetupFailed if the stack does not use it.

    An adoption can be undone when the stack does not use the bucket any more.
    """
    stack, endpoint = selected.stack, selected.own.endpoint
    outputs = _outputs(selected)
    if not undo:
        _check(bucket, stack, outputs)
    if "QueueArn" not in outputs:
        raise SetupFailed(f"the stack {stack!r} cannot adopt a bucket yet: deploy it again")
    with explained():
        dynamodb = session_of(selected.own).client(
            "dynamodb", endpoint_url=endpoint, config=CLIENT_CONFIG
        )
        s3 = session_of(selected.theirs).client("s3", endpoint_url=endpoint, config=CLIENT_CONFIG)
    adopter = Adopter(
        stack,
        outputs["QueueArn"],
        outputs.get("OriginalsPrefix", ""),
        suffixes_in(outputs.get("OriginalsSuffixes", "")),
        by_eventbridge=outputs.get("OriginalsEvents") == "eventbridge",
    )
    notifications = BucketNotifications(s3, bucket)
    switches = AdoptionSwitches(dynamodb, outputs["BackfillsTableName"])
    return AdoptionParts(notifications, adopter, switches)


@dataclass(frozen=True, slots=True)
class AdoptedBucket:
    """Implements `operations.doctor_stack.Adopted`."""

    name: str
    selected: Selected
    is_writable: bool

    def is_complete(self) -> bool:
        """Return whether the bucket sends all events that the stack needs; raises SetupFailed."""
        parts = open_adoption(self.name, self.selected, undo=False)
        plan = plan_adoption(self.name, parts.bucket, parts.adopter, parts.switches)
        return plan.change.is_empty


def policies_of(bucket: str, selected: Selected) -> dict[str, list[Statement]]:
    """Return statements for policies that the stack does not write, by the policy.

    `originals` and `processed` are those of the buckets, `key` is that of a KMS key. Raises
    SetupFailed for a bucket that the stack does not use.
    """
    outputs = _outputs(selected)
    used = [outputs["OriginalsBucketName"], outputs["ProcessedBucketName"]]
    if bucket not in used:
        raise SetupFailed(f"the stack {selected.stack!r} uses {' and '.join(used)}, not {bucket}")
    if "BackfillRoleArn" not in outputs:
        raise SetupFailed(
            f"the stack {selected.stack!r} does not name its roles yet: deploy it again"
        )
    roles = Roles(
        outputs["ResizeImageRoleArn"],
        outputs["ApiImageUploadRoleArn"],
        outputs["BackfillRoleArn"],
        outputs.get("TransformRoleArn", ""),
    )
    _, partition, _, region, account, _ = outputs["QueueArn"].split(":")
    context = PolicyContext(
        partition,
        region,
        account,
        outputs.get("OriginalsOwner", account),
        outputs.get("DistributionArn", ""),
    )
    originals = originals_statements(
        outputs["OriginalsBucketName"],
        outputs.get("OriginalsPrefix", ""),
        roles,
        partition,
        may_write=outputs.get("WriteOriginals", "true") == "true",
    )
    return {
        "originals": originals,
        "processed": processed_statements(outputs["ProcessedBucketName"], roles, context),
        "key": key_statements(roles, context),
    }


def _outputs(selected: Selected) -> dict[str, str]:
    with explained():
        client = session_of(selected.own).client(
            "cloudformation", endpoint_url=selected.own.endpoint, config=CLIENT_CONFIG
        )
    return stack_outputs(client, selected.stack)


def _check(bucket: str, stack: str, outputs: dict[str, str]) -> None:
    used = outputs.get("OriginalsBucketName")
    if "OriginalsEvents" not in outputs or used != bucket:
        raise SetupFailed(
            f"the stack {stack!r} uses {used}: deploy it with OriginalsBucketName={bucket} first"
        )
