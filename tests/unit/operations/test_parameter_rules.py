"""Values of parameters that are wrong only together are refused before a build."""

import pytest
from fakes.template import read_template

from imagemill.errors import UsageInvalid
from imagemill.operations.parameter_rules import check_rules

TEMPLATE = read_template()
ISSUER = {"JwtIssuer": "https://login.example.com"}
DOMAIN = {"DomainName": "images.example.com"}
# Values that break each rule, and a value that mends them.
BROKEN = {
    "AudienceOfTokens": (ISSUER, {"JwtAudience": "gallery"}),
    "TwoBuckets": (
        {"OriginalsBucketName": "photos", "ProcessedBucketName": "photos"},
        {"ProcessedBucketName": "small"},
    ),
    "CertificateOfDomain": (DOMAIN, {"CertificateArn": "arn:aws:acm:us-east-1:1:certificate/1"}),
    "OwnBucketsOfArchive": (
        {"ArchiveOriginals": "true", "OriginalsBucketName": "photos"},
        {"OriginalsBucketName": ""},
    ),
    "EventsOfArchive": ({"ArchiveOriginals": "read", "EventBus": ""}, {"EventBus": "photos"}),
    "KeysOfPrivateImages": ({"Private": "true"}, {"PublicKey2": "MIIB"}),
    "EventsOfWebhooks": (
        {"WebhookUrl": "https://app.example.com", "EventBus": ""},
        {"EventBus": "photos"},
    ),
}


def check(**given: str) -> None:
    check_rules(TEMPLATE["Rules"], TEMPLATE["Parameters"], given)


def test_every_rule_has_a_case() -> None:
    assert BROKEN.keys() == TEMPLATE["Rules"].keys()


@pytest.mark.parametrize("name", BROKEN)
def test_values_that_break_a_rule_are_refused_with_its_reason(name: str) -> None:
    [assertion] = TEMPLATE["Rules"][name]["Assertions"]
    given, _ = BROKEN[name]

    with pytest.raises(UsageInvalid) as caught:
        check(**given)

    assert str(caught.value) == assertion["AssertDescription"]


@pytest.mark.parametrize(("given", "mended"), BROKEN.values(), ids=BROKEN)
def test_the_missing_value_mends_them(given: dict[str, str], mended: dict[str, str]) -> None:
    check(**given | mended)


def test_the_defaults_break_no_rule() -> None:
    check()


def test_the_reasons_of_all_broken_rules_are_told_together() -> None:
    with pytest.raises(UsageInvalid, match=r"JwtAudience.*CertificateArn"):
        check(**ISSUER, **DOMAIN)
