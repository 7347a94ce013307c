"""Statements for policies that a stack does not write: those of existing buckets and of a key."""

from imagemill.dataclass import dataclass

Statement = dict[str, object]
# Actions of TakeAndDeleteUploads in the template: uploads also in parts, and moves with their tags.
_WRITES = [
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:ListMultipartUploadParts",
    "s3:AbortMultipartUpload",
    "s3:GetObjectTagging",
    "s3:PutObjectTagging",
]


@dataclass(frozen=True, slots=True)
class Roles:
    """The ARNs of a stack's roles; `transform` is empty if no images are made on request."""

    resize: str
    api: str
    backfill: str
    transform: str = ""

    @property
    def of_functions(self) -> list[str]:
        """The roles of the functions."""
        return [role for role in (self.resize, self.transform, self.api) if role]

    @property
    def of_writers(self) -> list[str]:
        """The roles that write renditions."""
        return [role for role in (self.resize, self.transform) if role]


@dataclass(frozen=True, slots=True)
class PolicyContext:
    """The account of a stack, that of its bucket of originals, and its distribution.

    `distribution` is an ARN, empty without a gallery.
    """

    partition: str
    region: str
    account: str
    originals_account: str
    distribution: str = ""


def originals_statements(
    bucket: str, prefix: str, roles: Roles, partition: str, *, may_write: bool
) -> list[Statement]:
    """Return the statements for a bucket of another account; the roles have these rights, too."""
    arn = f"arn:{partition}:s3:::{bucket}"
    objects = f"{arn}/{prefix}*"
    found = [
        _allow(
            "ImagemillReads", roles.of_functions, ["s3:GetObject", "s3:GetObjectVersion"], objects
        ),
        _allow("ImagemillLists", [*roles.of_functions, roles.backfill], ["s3:ListBucket"], arn),
    ]
    if may_write:
        found.append(_allow("ImagemillWrites", [roles.api], _WRITES, objects))
    return found


def processed_statements(bucket: str, roles: Roles, context: PolicyContext) -> list[Statement]:
    """Return the statements of ProcessedBucketPolicy in the template, for an existing bucket."""
    objects = f"arn:{context.partition}:s3:::{bucket}/*"
    hide: Statement = {
        "Sid": "HideMarkersOfRemovedRenditions",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": objects,
        "Condition": {
            "StringEquals": {"s3:ExistingObjectTag/imagemill": "removed"},
            "StringNotLike": {"aws:PrincipalArn": roles.of_writers},
        },
    }
    if not context.distribution:
        return [hide]
    show: Statement = {
        "Sid": "ShowInGallery",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": objects,
        "Condition": {"StringEquals": {"AWS:SourceArn": context.distribution}},
    }
    return [hide, show]


def key_statements(roles: Roles, context: PolicyContext) -> list[Statement]:
    """Return the statements for a KMS key: the rights of the stack and of the services it uses.

    CloudWatch checks its right when a log group is made, so its statement must be there before the
    first deployment.
    """
    # S3 acts for the owner of the bucket, EventBridge for that of its rule.
    theirs = {"StringEquals": {"aws:SourceAccount": context.originals_account}}
    ours = {"StringEquals": {"aws:SourceAccount": context.account}}
    group = f"arn:{context.partition}:logs:{context.region}:{context.account}:*"
    read_and_write = ["kms:Decrypt", "kms:GenerateDataKey"]
    found = [
        _allow("ImagemillUsesKey", [*roles.of_functions, roles.backfill], read_and_write, "*"),
        _of_service("S3SendsEvents", "s3.amazonaws.com", read_and_write, theirs),
        _of_service("EventBridgeSendsEvents", "events.amazonaws.com", read_and_write, ours),
        _of_service(
            "LogsAreEncrypted",
            f"logs.{context.region}.amazonaws.com",
            [
                "kms:Encrypt*",
                "kms:Decrypt*",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:Describe*",
            ],
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": group}},
        ),
    ]
    if context.distribution:
        condition = {"StringEquals": {"AWS:SourceArn": context.distribution}}
        found.append(
            _of_service("CloudFrontReads", "cloudfront.amazonaws.com", ["kms:Decrypt"], condition)
        )
    return found


def _allow(sid: str, roles: list[str], actions: list[str], resource: str) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": roles},
        "Action": actions,
        "Resource": resource,
    }


def _of_service(sid: str, service: str, actions: list[str], condition: object) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": actions,
        "Resource": "*",
        "Condition": condition,
    }
