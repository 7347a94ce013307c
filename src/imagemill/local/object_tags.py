"""Make the embedded AWS treat object tags as S3 does; tags mark deleted renditions.

S3 evaluates `s3:ExistingObjectTag` for every read, and a new object has none of the tags of the
object that it replaces. MiniStack 1.5.33 evaluates the condition for signed requests, but not for
requests of a distribution, and a new object keeps the tags of the replaced one.
"""

from collections.abc import Callable
from typing import Any

OriginAllows = Callable[[str, str, str, str, str], bool]


def respect_object_tags(s3: Any) -> None:  # noqa: ANN401  # MiniStack ships no types
    """Apply tag conditions of policies to distributions, and drop tags of replaced objects."""
    _drop_tags_of_replaced_objects(s3)
    allows: OriginAllows = s3._cloudfront_origin_allows  # noqa: SLF001  # MiniStack has no hook for it

    def allows_with_tags(owner: str, bucket: str, key: str, source_arn: str, oai_id: str) -> bool:
        allowed = allows(owner, bucket, key, source_arn, oai_id)
        return allowed and not _is_denied_by_tags(s3, owner, bucket, key)

    s3._cloudfront_origin_allows = allows_with_tags  # noqa: SLF001  # as above


def _drop_tags_of_replaced_objects(s3: Any) -> None:  # noqa: ANN401  # as above
    record_version = s3._record_object_version  # noqa: SLF001  # as above

    def record_without_tags(bucket: str, key: str, *rest: Any) -> Any:  # noqa: ANN401  # as above
        version = record_version(bucket, key, *rest)
        s3._object_tags.pop((bucket, key, None), None)  # noqa: SLF001  # as above
        return version

    s3._record_object_version = record_without_tags  # noqa: SLF001  # as above


def _is_denied_by_tags(s3: Any, owner: str, bucket: str, key: str) -> bool:  # noqa: ANN401  # as above
    from ministack.core.iam_evaluator import (  # noqa: PLC0415  # only the child may load it
        EvalContext,
        evaluate_resource_policy,
    )

    tags = s3.object_tags_for_condition(bucket, key, {})
    policy = s3._bucket_policies.get_scoped(owner, None, bucket)  # noqa: SLF001  # as above
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="s3:GetObject",
        resource_arn=f"arn:aws:s3:::{bucket}/{key}",
        region=s3.get_region(),
        service_context={f"s3:existingobjecttag/{n.lower()}": tag for n, tag in tags.items()},
    )
    decision = evaluate_resource_policy(policy, context, service="cloudfront.amazonaws.com")
    return bool(decision.decision == "Deny")
