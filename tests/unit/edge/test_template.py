"""The template connects CloudFront, its functions and the two origins of images on request."""

from pathlib import Path
from typing import Any

import pytest
from fakes.template import read_template

from imagemill.local.on_request import settings_of
from imagemill.local.signing_keys import FileKeys
from imagemill.requests.settings import Settings

TEMPLATE = read_template()
PARAMETERS, RESOURCES = TEMPLATE["Parameters"], TEMPLATE["Resources"]
DISTRIBUTION = RESOURCES["GalleryDistribution"]["Properties"]["DistributionConfig"]
FUNCTIONS = ("RouteImgix", "RouteImgproxy", "RouteIiif")
# "Quotas on CloudFront Functions", Amazon CloudFront Developer Guide.
MAX_FUNCTION_BYTES = 10_240
# Longest digits of a parameter that is a number or one of a few words.
_LONGEST_VALUE = 6


def code_of(name: str, values: dict[str, str]) -> str:
    """Return a function's code with the values of parameters."""
    code = RESOURCES[name]["Properties"]["FunctionCode"]
    if isinstance(code, str):
        return code
    separator, (line, rest) = code["Fn::Join"]
    text = line["Fn::Sub"]
    for parameter, value in values.items():
        text = text.replace(f"${{{parameter}}}", value)
    assert "${" not in text
    return str(separator.join([text, rest]))


def defaults() -> dict[str, str]:
    return {name: str(one.get("Default", "")) for name, one in PARAMETERS.items()}


def behaviours(*, on_request: bool) -> list[dict[str, Any]]:
    """Return the cache behaviours, in order."""
    chosen = 1 if on_request else 2
    found = [
        one["Fn::If"][chosen if one["Fn::If"][0] == "ServedOnRequest" else 2]
        if "Fn::If" in one
        else one
        for one in DISTRIBUTION["CacheBehaviors"]
    ]
    return [one for one in found if "PathPattern" in one]


@pytest.mark.parametrize(
    "name",
    [
        *FUNCTIONS,
        *("CacheVersions", "CloseVariants", "RouteVersioned", "KeepVersioned", "SetCookies"),
    ],
)
def test_a_function_with_the_longest_parameters_is_small_enough(name: str) -> None:
    longest = {
        parameter: "1" * one.get("MaxLength", _LONGEST_VALUE)
        for parameter, one in PARAMETERS.items()
    }

    assert len(code_of(name, longest).encode()) <= MAX_FUNCTION_BYTES
    assert RESOURCES[name]["Properties"]["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    assert RESOURCES[name]["Properties"]["AutoPublish"] is True


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_default_parameters_are_the_default_settings(name: str, tmp_path: Path) -> None:
    assert settings_of(code_of(name, defaults()), FileKeys(tmp_path), 0) == Settings(0)


def test_all_parameters_reach_the_functions(tmp_path: Path) -> None:
    changed = defaults() | {
        "Widths": "1, 2,3",
        "Qualities": "",
        "SignedUrlsOnly": "true",
        "IiifProfile": "level0",
        "SignatureBytes": "8",
    }

    imgix, imgproxy, iiif = (
        settings_of(code_of(name, changed), FileKeys(tmp_path), 0) for name in FUNCTIONS
    )

    assert imgix == Settings(0, (), (1, 2, 3), (), private=True, signature_bytes=8)
    assert imgproxy == Settings(0, signature_bytes=8)
    assert iiif == Settings(
        0, (), (1, 2, 3), iiif_profile="level0", private=True, signature_bytes=8
    )


def test_each_grammar_has_its_function_before_the_renditions() -> None:
    routed = {
        one["PathPattern"]: one["FunctionAssociations"][0]["FunctionARN"]["Fn::GetAtt"][0]
        for one in behaviours(on_request=True)[:-1]
    }

    assert routed == {
        "/~/*": "RouteImgix",
        "/~p/*": "RouteImgproxy",
        "/iiif/*": "RouteIiif",
        "/~t/*": "CloseVariants",
        "/~~/*": "RouteVersioned",
    }
    assert behaviours(on_request=True)[-1]["PathPattern"] == "/*/*"


def test_keys_of_variants_are_closed_even_if_no_more_are_made() -> None:
    closed, versioned, renditions = behaviours(on_request=False)

    paths = (closed["PathPattern"], versioned["PathPattern"], renditions["PathPattern"])
    assert paths == ("/~t/*", "/~~/*", "/*/*")
    assert RESOURCES["CloseVariants"]["Condition"] == "WithGallery"


def test_a_variant_that_the_bucket_does_not_have_is_asked_of_the_function() -> None:
    [group] = DISTRIBUTION["OriginGroups"]["Fn::If"][1]["Items"]
    transform = DISTRIBUTION["Origins"][-1]["Fn::If"][1]

    assert group["FailoverCriteria"]["StatusCodes"]["Items"] == [403, 404]
    assert [one["OriginId"] for one in group["Members"]["Items"]] == ["pictures", "transform"]
    assert transform["Id"] == "transform"
    assert transform["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def test_only_this_distribution_may_call_the_function_through_its_url() -> None:
    permissions = [RESOURCES[f"Transform{name}Permission"] for name in ("Url", "Invoke")]
    access = RESOURCES["TransformAccess"]["Properties"]["OriginAccessControlConfig"]

    assert [one["Properties"]["Action"] for one in permissions] == [
        "lambda:InvokeFunctionUrl",
        "lambda:InvokeFunction",
    ]
    for one in permissions:
        assert one["Properties"]["Principal"] == "cloudfront.amazonaws.com"
        assert "distribution/${GalleryDistribution}" in one["Properties"]["SourceArn"]["Fn::Sub"]
    assert RESOURCES["TransformUrl"]["Properties"]["AuthType"] == "AWS_IAM"
    assert (access["OriginAccessControlOriginType"], access["SigningBehavior"]) == (
        "lambda",
        "always",
    )


def test_the_cache_key_is_the_variant_and_the_version() -> None:
    policy = RESOURCES["VariantCaching"]["Properties"]["CachePolicyConfig"]
    key = policy["ParametersInCacheKeyAndForwardedToOrigin"]

    assert key["QueryStringsConfig"] == {
        "QueryStringBehavior": "whitelist",
        "QueryStrings": ["v", "placeholder"],
    }
    assert key["HeadersConfig"] == {"HeaderBehavior": "none"}
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}
    # A deleted image is gone at the edge after a minute, except under a URL with its version.
    assert (policy["MinTTL"], policy["DefaultTTL"]) == (0, 60)
    assert policy["MaxTTL"] == {"Ref": "VersionedSeconds"}


def test_no_policy_replaces_the_cache_control_of_variants() -> None:
    policy = RESOURCES["VariantHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]

    assert "CustomHeadersConfig" not in policy
    for one in behaviours(on_request=True)[:3]:
        assert one["ResponseHeadersPolicyId"] == {"Ref": "VariantHeaders"}
        assert one["TargetOriginId"] == "variants"


def test_every_path_of_images_requires_a_signature_if_they_are_private() -> None:
    group = {"Fn::If": ["Private", [{"Ref": "ViewerKeyGroup"}], {"Ref": "AWS::NoValue"}]}

    assert [one["TrustedKeyGroups"] for one in behaviours(on_request=True)] == [group] * 6
    assert "TrustedKeyGroups" not in DISTRIBUTION["DefaultCacheBehavior"]


def test_the_path_that_sets_cookies_is_open_if_the_images_are_private() -> None:
    condition, behaviour, _ = DISTRIBUTION["CacheBehaviors"][0]["Fn::If"]

    assert (condition, behaviour["PathPattern"]) == ("Private", "/~cookies")
    assert "TrustedKeyGroups" not in behaviour
