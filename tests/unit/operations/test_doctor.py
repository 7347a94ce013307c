"""`imagemill doctor` before a deployment."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest
from fakes.cloudformation import DEFAULTS

from imagemill.domain.account import Concurrency, Identity
from imagemill.errors import SetupFailed
from imagemill.operations.doctor import (
    DEFAULT_PLAN,
    Finding,
    Plan,
    examine_account,
    examine_credentials,
    examine_name,
    judge_buckets,
    judge_concurrency,
    plan_of,
    propose,
)

PLAN = Plan(50, 0, "arm64", "mill")
NEW_ACCOUNT = Concurrency(10, 10)
USUAL_ACCOUNT = Concurrency(1_000, 1_000)


@dataclass(frozen=True)
class FakeAccount:
    """An account, by default a usual one with a distribution; a call in `denied` is refused."""

    arn: str = "arn:aws:iam::123456789012:user/me"
    free: Concurrency = USUAL_ACCOUNT
    made: int = 1
    names: tuple[str, ...] = ("other",)
    elsewhere: tuple[str, ...] = ()
    keys: int = 1
    plans: int = 1
    arm64: bool = True
    denied: str = ""

    def identity(self) -> Identity:
        self._allow("identity")
        return Identity("123456789012", self.arn, "eu-central-1")

    def concurrency(self) -> Concurrency:
        self._allow("concurrency")
        return self.free

    def distributions(self) -> int:
        self._allow("distributions")
        return self.made

    def bucket_names(self) -> list[str]:
        return list(self.names)

    def is_here(self, bucket: str) -> bool:
        return bucket not in self.elsewhere

    def api_keys(self) -> int:
        return self.keys

    def usage_plans(self) -> int:
        return self.plans

    def has_arm64(self) -> bool:
        self._allow("has_arm64")
        return self.arm64

    def _allow(self, call: str) -> None:
        if call == self.denied:
            raise SetupFailed(f"AccessDenied: {call}")


def found(findings: Iterable[Finding]) -> dict[str, Finding]:
    """Return the findings by check."""
    return {one.check: one for one in findings}


def test_a_usual_account_has_no_finding_but_ok() -> None:
    account = FakeAccount()

    findings = [examine_credentials(account), *examine_account(account, PLAN)]

    assert [one.check for one in findings] == [
        "credentials",
        "concurrency",
        "cloudfront",
        "buckets",
        "api keys",
        "architecture",
    ]
    assert {one.level for one in findings} == {"ok"}
    assert {one.remedy for one in findings} == {""}


@pytest.mark.parametrize(
    ("free", "planned", "proposed"),
    [
        (NEW_ACCOUNT, (50, 50), (5, 0)),
        (NEW_ACCOUNT, (5, 0), (5, 0)),
        (Concurrency(4, 4), (50, 0), (2, 0)),
        (Concurrency(100, 100), (50, 50), (50, 0)),
        (Concurrency(150, 150), (50, 50), (50, 50)),
        (Concurrency(1_000, 1_000), (50, 50), (50, 50)),
        # Other functions have reserved the rest.
        (Concurrency(1_000, 40), (50, 50), (35, 0)),
        (Concurrency(1_000, 1_000), (1_000, 100), (810, 100)),
    ],
)
def test_the_proposal_is_what_lambda_accepts_and_leaves_some_to_the_api(
    free: Concurrency, planned: tuple[int, int], proposed: tuple[int, int]
) -> None:
    plan = propose(free, Plan(*planned, "arm64"))

    assert (plan.max_concurrency, plan.transform_concurrency) == proposed


def test_the_defaults_of_the_template_work_in_a_new_account() -> None:
    finding = judge_concurrency(NEW_ACCOUNT, DEFAULT_PLAN)

    assert (finding.level, finding.remedy) == ("ok", "")
    assert finding.text.endswith("and 5 of them are left to the API")


def test_the_default_plan_is_that_of_the_template() -> None:
    plan = DEFAULT_PLAN

    assert DEFAULTS["MaxConcurrency"] == str(plan.max_concurrency)
    assert DEFAULTS["TransformConcurrency"] == str(plan.transform_concurrency)
    assert DEFAULTS["Architecture"] == plan.architecture


def test_a_new_account_gets_values_that_do_not_starve_the_api() -> None:
    finding = judge_concurrency(NEW_ACCOUNT, PLAN)

    assert finding.level == "problem"
    assert "MaxConcurrency=50 can take those that the API needs" in finding.text
    assert finding.remedy.startswith("set MaxConcurrency=5 TransformConcurrency=0, or raise")


def test_a_reservation_that_lambda_refuses_is_named() -> None:
    finding = judge_concurrency(NEW_ACCOUNT, replace(PLAN, transform_concurrency=50))

    assert "Lambda refuses to reserve 50" in finding.text


def test_without_credentials_the_remedy_is_to_configure_them() -> None:
    finding = examine_credentials(FakeAccount(denied="identity"))

    assert (finding.level, finding.text) == ("problem", "AccessDenied: identity")
    assert "aws configure" in finding.remedy


def test_an_account_without_a_distribution_is_warned_and_not_refused() -> None:
    finding = found(examine_account(FakeAccount(made=0), PLAN))["cloudfront"]

    assert finding.level == "warning"
    assert "imagemill deploy --parameter Gallery=true" in finding.remedy


def test_a_partition_without_cloudfront_is_not_asked_for_distributions() -> None:
    account = FakeAccount("arn:aws-us-gov:iam::123456789012:user/me", denied="distributions")

    finding = found(examine_account(account, PLAN))["cloudfront"]

    assert (finding.level, "aws-us-gov" in finding.text) == ("ok", True)


@pytest.mark.parametrize(
    ("call", "check"),
    [
        ("concurrency", "concurrency"),
        ("distributions", "cloudfront"),
        ("has_arm64", "architecture"),
    ],
)
def test_a_call_that_is_refused_is_a_warning_and_stops_no_other(call: str, check: str) -> None:
    findings = found(examine_account(FakeAccount(denied=call), PLAN))

    assert findings[check].text == f"not checked: AccessDenied: {call}"
    assert {one.level for name, one in findings.items() if name != check} == {"ok"}


def test_kept_buckets_of_a_former_stack_are_named() -> None:
    names = ("mill-originalsbucket-1", "mill-dev-originalsbucket-2")

    finding = judge_buckets(FakeAccount(names=names), "mill")

    assert finding.level == "warning"
    assert finding.text == "a former stack mill has left mill-originalsbucket-1"
    assert "deploy --stack mill --import OriginalsBucket=mill-originalsbucket-1" in finding.remedy


def test_buckets_of_a_stack_in_another_region_are_not_left_over() -> None:
    name = "mill-originalsbucket-1"

    finding = judge_buckets(FakeAccount(names=(name,), elsewhere=(name,)), "mill")

    assert finding.level == "ok"


def test_too_many_buckets_are_a_problem() -> None:
    assert judge_buckets(FakeAccount(names=("x",) * 9_996), "mill").level == "ok"
    assert judge_buckets(FakeAccount(names=("x",) * 9_997), "mill").level == "problem"


def test_a_name_without_a_stack_is_told() -> None:
    assert "there is no stack mill in this region yet" in examine_name("mill").text


@pytest.mark.parametrize("full", [FakeAccount(keys=10_000), FakeAccount(plans=300)])
def test_a_used_up_quota_of_api_gateway_is_a_problem(full: FakeAccount) -> None:
    assert found(examine_account(full, PLAN))["api keys"].level == "problem"


def test_a_region_without_arm64_needs_another_architecture() -> None:
    account = FakeAccount(arm64=False)

    [arm, intel] = [
        found(examine_account(account, replace(PLAN, architecture=one)))["architecture"]
        for one in ("arm64", "x86_64")
    ]

    assert (arm.level, arm.remedy) == ("problem", "set Architecture=x86_64")
    assert intel.level == "ok"


def test_a_deployed_stack_is_judged_by_its_own_settings() -> None:
    plan = replace(PLAN, transform_concurrency=50)

    assert plan_of(plan, None) == plan
    assert plan_of(plan, {"MaxConcurrency": "7"}) == Plan(7, 0, "arm64", "")
