"""Check an account before a deployment; every check gives one finding with its remedy."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, Protocol

from imagemill.dataclass import dataclass
from imagemill.domain.account import Concurrency, Identity
from imagemill.errors import SetupFailed

Level = Literal["ok", "warning", "problem"]
# Executions that Lambda leaves unreserved, so that all functions can run.
# Source: AWS Lambda developer guide, "Configuring reserved concurrency".
_UNRESERVED = 100
# Executions that the API keeps of a small quota: five, or a tenth.
_API_SHARE, _API_PART = 5, 10
_SMALLEST_CONCURRENCY = 2
# Quotas of an account, and of an account and region.
# Sources: Amazon S3 user guide, "Bucket quotas"; API Gateway developer guide, "Quotas".
_MOST_BUCKETS, _MOST_API_KEYS, _MOST_USAGE_PLANS = 10_000, 10_000, 300
# Buckets of a stack: originals, renditions, gallery and results of backfills.
_BUCKETS_OF_A_STACK = 4
# Buckets that a deleted stack leaves behind and a new one can import: logical ids.
_KEPT = ("OriginalsBucket", "ProcessedBucket", "SiteBucket")
_RAISE_QUOTA = (
    "raise the quota: aws service-quotas request-service-quota-increase "
    "--service-code lambda --quota-code L-B99A9384 --desired-value 1000"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check; `remedy` is empty if there is nothing to do."""

    check: str
    level: Level
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Parameters of the deployment; `stack` is the name of the stack, if it is known.

    `transform_concurrency` is 0 if none is to be reserved, or if it is reserved already.
    """

    max_concurrency: int
    transform_concurrency: int
    architecture: str
    stack: str = ""


# The defaults of the template's parameters.
DEFAULT_PLAN = Plan(max_concurrency=5, transform_concurrency=0, architecture="arm64")


class Account(Protocol):
    """An AWS account in one region; every method raises SetupFailed with the reason."""

    def identity(self) -> Identity:
        """Return the caller."""

    def concurrency(self) -> Concurrency:
        """Return the quota of concurrent executions."""

    def distributions(self) -> int:
        """Return the number of CloudFront distributions, or 1 for several."""

    def bucket_names(self) -> list[str]:
        """Return the names of all buckets."""

    def is_here(self, bucket: str) -> bool:
        """Return whether a bucket is in this region."""

    def api_keys(self) -> int:
        """Return the number of API keys."""

    def usage_plans(self) -> int:
        """Return the number of usage plans."""

    def has_arm64(self) -> bool:
        """Return whether Lambda runs on arm64 in this region."""


def examine_credentials(account: Account) -> Finding:
    """Return whether AWS accepts the credentials."""
    try:
        caller = account.identity()
    except SetupFailed as fault:
        remedy = "run aws configure, or name a --profile"
        return Finding("credentials", "problem", str(fault), remedy)
    text = f"account {caller.account}, region {caller.region}, as {caller.arn}"
    return Finding("credentials", "ok", text)


def examine_name(stack: str) -> Finding:
    """Return that there is no such stack yet, so that a wrong name or region is noticed."""
    text = f"there is no stack {stack} in this region yet, so the account alone is checked"
    return Finding("stack", "ok", text)


def examine_account(account: Account, plan: Plan) -> Iterator[Finding]:
    """Yield whether the account and its region have what the plan needs."""
    yield from _checked("concurrency", lambda: judge_concurrency(account.concurrency(), plan))
    yield from _checked("cloudfront", lambda: _judge_cloudfront(account))
    yield from _checked("buckets", lambda: judge_buckets(account, plan.stack))
    yield from _checked("api keys", lambda: _judge_api(account))
    yield from _checked(
        "architecture",
        lambda: _judge_architecture(account, plan.architecture),
        "if Lambda refuses arm64, deploy with Architecture=x86_64",
    )


def plan_of(plan: Plan, outputs: Mapping[str, str] | None) -> Plan:
    """Return the plan; that of a deployed stack, by its outputs, if there is one.

    Its reserved concurrency is not free any more, and its buckets belong to it.
    """
    if outputs is None:
        return plan
    most = int(outputs.get("MaxConcurrency", plan.max_concurrency))
    return Plan(most, 0, plan.architecture)


def _checked(
    check: str, judge: Callable[[], Finding], remedy: str = "allow this call, or look yourself"
) -> Iterator[Finding]:
    try:
        yield judge()
    except SetupFailed as fault:
        yield Finding(check, "warning", f"not checked: {fault}", remedy)


def propose(free: Concurrency, plan: Plan) -> Plan:
    """Return a plan that Lambda accepts and that leaves executions to the API."""
    transform = min(plan.transform_concurrency, max(0, free.unreserved - _UNRESERVED))
    shared = free.unreserved - transform
    most = shared - max(_API_SHARE, shared // _API_PART)
    return Plan(
        max(_SMALLEST_CONCURRENCY, min(plan.max_concurrency, most)),
        transform,
        plan.architecture,
        plan.stack,
    )


def judge_concurrency(free: Concurrency, plan: Plan) -> Finding:
    """Compare the plan with Lambda's quota of concurrent executions."""
    proposed = propose(free, plan)
    quota = f"{free.unreserved} of {free.limit} concurrent executions are not reserved"
    if proposed == plan:
        left = free.unreserved - plan.transform_concurrency - plan.max_concurrency
        return Finding("concurrency", "ok", f"{quota}, and {left} of them are left to the API")
    if proposed.transform_concurrency < plan.transform_concurrency:
        fault = f"Lambda refuses to reserve {plan.transform_concurrency}"
    else:
        fault = f"MaxConcurrency={plan.max_concurrency} can take those that the API needs"
    settings = (
        f"set MaxConcurrency={proposed.max_concurrency} "
        f"TransformConcurrency={proposed.transform_concurrency}"
    )
    return Finding("concurrency", "problem", f"{quota}: {fault}", f"{settings}, or {_RAISE_QUOTA}")


def _judge_cloudfront(account: Account) -> Finding:
    partition = account.identity().partition
    if partition != "aws":
        text = f"the stack has no gallery and no images on request in the partition {partition}"
        return Finding("cloudfront", "ok", text)
    if account.distributions():
        return Finding("cloudfront", "ok", "the account has a distribution already")
    return Finding(
        "cloudfront",
        "warning",
        "the account has no distribution, and AWS refuses them to some new accounts; "
        "only an attempt shows it",
        "if it is refused, imagemill deploy installs the stack without the gallery; once AWS "
        "Support has verified the account: imagemill deploy --parameter Gallery=true",
    )


def judge_buckets(account: Account, stack: str) -> Finding:
    """Compare the buckets with the quota, and find those that a deleted stack has kept.

    A stack of another region may have the same name and buckets in use.
    """
    names = account.bucket_names()
    if len(names) + _BUCKETS_OF_A_STACK > _MOST_BUCKETS:
        text = f"the account has {len(names)} of {_MOST_BUCKETS} buckets"
        return Finding("buckets", "problem", text, "delete buckets, or raise the quota of S3")
    kept = {
        logical_id: name
        for logical_id in _KEPT
        for name in names
        if name.startswith(f"{stack}-{logical_id.lower()}-") and account.is_here(name)
    }
    if stack and kept:
        options = " ".join(f"--import {logical_id}={name}" for logical_id, name in kept.items())
        return Finding(
            "buckets",
            "warning",
            f"a former stack {stack} has left {', '.join(kept.values())}",
            f"keep them by imagemill deploy --stack {stack} {options} --import RecordsTable=TABLE; "
            "otherwise the stack gets new ones",
        )
    text = f"{len(names)} of {_MOST_BUCKETS}; CloudFormation chooses names that are free"
    return Finding("buckets", "ok", text)


def _judge_api(account: Account) -> Finding:
    keys, plans = account.api_keys(), account.usage_plans()
    text = f"{keys} of {_MOST_API_KEYS} API keys, {plans} of {_MOST_USAGE_PLANS} usage plans"
    if keys < _MOST_API_KEYS and plans < _MOST_USAGE_PLANS:
        return Finding("api keys", "ok", text)
    return Finding("api keys", "problem", text, "delete some, or raise the quota of API Gateway")


def _judge_architecture(account: Account, architecture: str) -> Finding:
    if architecture != "arm64":
        return Finding("architecture", "ok", f"{architecture}, which every region has")
    if account.has_arm64():
        return Finding("architecture", "ok", "Lambda has a price for arm64 in this region")
    return Finding(
        "architecture",
        "problem",
        "Lambda has no price for arm64 in this region",
        "set Architecture=x86_64",
    )
