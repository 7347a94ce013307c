import json
import re
from pathlib import Path

import pytest
from fakes.template import read_template

from imagemill.errors import SetupFailed
from imagemill.local.page import page_path
from imagemill.local.template import RETRY_S, TIMEOUT_S, fit_to_emulator, load_template
from imagemill.pipeline.concurrency import MARGIN_S, MOST_S

CODE = {"Bucket": "code", "Key": "x.zip"}
ENDPOINT = "http://127.0.0.1:4566"


def test_the_template_is_found_and_read() -> None:
    template = read_template()

    assert template["Resources"]["ResizeImageFunction"]["Type"] == "AWS::Serverless::Function"


def test_short_forms_of_intrinsic_functions_are_spelled_out(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text("Resources: {A: !GetAtt B.Arn, C: !Ref D, E: !If [F, !Sub 'x${G}', 1]}")

    assert load_template(path)["Resources"] == {
        "A": {"Fn::GetAtt": ["B", "Arn"]},
        "C": {"Ref": "D"},
        "E": {"Fn::If": ["F", {"Fn::Sub": "x${G}"}, 1]},
    }


@pytest.mark.parametrize(
    "text", ["Resources: {A: [", "words", "- 1", "!!python/object:os.system {}"]
)
def test_a_broken_template_is_one_clear_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(text)

    with pytest.raises(SetupFailed, match=r"template\.yaml is not valid") as caught:
        load_template(path)

    assert "\n" not in str(caught.value)


def test_the_functions_code_comes_from_the_bucket_and_nothing_else_changes() -> None:
    template = read_template()

    fitted = json.loads(fit_to_emulator(template, CODE, {}, ENDPOINT))

    resize = fitted["Resources"]["ResizeImageFunction"]["Properties"]
    assert resize.pop("CodeUri") == CODE
    kept = template["Resources"]["ResizeImageFunction"]["Properties"]
    assert resize == kept | {"Timeout": TIMEOUT_S}
    template["Parameters"]["RetrySeconds"]["MinValue"] = 1
    url = template["Parameters"]["WebhookUrl"]
    assert url["AllowedPattern"].startswith("(https://")
    url["AllowedPattern"] = url["AllowedPattern"].replace("https", "https?")
    assert fitted["Parameters"] == template["Parameters"]


def test_numbers_inside_an_event_source_are_numbers() -> None:
    template = read_template()

    fitted = json.loads(fit_to_emulator(template, CODE, {"MaxConcurrency": 3}, ENDPOINT))

    uploads = fitted["Resources"]["ResizeImageFunctionUploads"]["Properties"]
    assert uploads["ScalingConfig"] == {"MaximumConcurrency": 3}


def test_the_visibility_timeout_is_six_times_the_function_timeout() -> None:
    template = read_template()

    hidden = template["Parameters"]["RetrySeconds"]["Default"]

    resize = template["Resources"]["ResizeImageFunction"]["Properties"]
    assert template["Resources"]["UploadsQueue"]["Properties"]["VisibilityTimeout"] == {
        "Ref": "RetrySeconds"
    }
    assert hidden == 6 * resize["Timeout"]


def test_a_batch_of_hanging_images_ends_before_the_function_timeout() -> None:
    resources = read_template()["Resources"]

    batch = resources["ResizeImageFunctionUploads"]["Properties"]["BatchSize"]

    granted_s = resources["ResizeImageFunction"]["Properties"]["Timeout"]
    assert batch * MOST_S + MARGIN_S < granted_s


def test_on_a_laptop_no_message_is_redelivered_while_its_worker_may_run() -> None:
    template = read_template()
    fitted = json.loads(fit_to_emulator(template, CODE, {}, ENDPOINT))["Resources"]

    timeout = fitted["ResizeImageFunction"]["Properties"]["Timeout"]
    batch = fitted["ResizeImageFunctionUploads"]["Properties"]["BatchSize"]

    assert batch * MOST_S + MARGIN_S < timeout
    # At least 10 s for a cold start; at most a minute, because a user waits for the retry.
    assert timeout + 10 < RETRY_S <= 60


def test_one_delivery_is_left_after_the_last_attempt() -> None:
    resources = read_template()["Resources"]

    deliveries = resources["UploadsQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"]

    environment = resources["ResizeImageFunction"]["Properties"]["Environment"]["Variables"]
    assert environment["IMAGEMILL_MAX_ATTEMPTS"] == str(deliveries - 1)


@pytest.mark.parametrize("api", ["ImagesApi", "SignedApi", "UsersApi"])
def test_gateway_responses_become_resources_that_sort_before_the_deployment(api: str) -> None:
    template = read_template()
    inside = template["Resources"][api]["Properties"]["GatewayResponses"]

    fitted = json.loads(fit_to_emulator(template, {"Bucket": "b", "Key": "k"}, {}, ENDPOINT))

    made = {
        name: one["Properties"]
        for name, one in fitted["Resources"].items()
        if one["Type"] == "AWS::ApiGateway::GatewayResponse" and name.startswith(api)
    }
    assert {one["ResponseType"] for one in made.values()} == inside.keys()
    assert max(made) < f"{api}Deployment"
    assert "GatewayResponses" not in fitted["Resources"][api]["Properties"]


def test_without_tokens_and_signatures_no_further_api_is_created() -> None:
    resources = read_template()["Resources"]

    conditions = {name: one.get("Condition") for name, one in resources.items()}
    assert [conditions[name] for name in ("UsersApi", "UsersApiPermission")] == ["WithTokens"] * 2
    assert [conditions[name] for name in ("SignedApi", "SignedApiPermission")] == ["WithIam"] * 2


def test_the_responses_of_an_api_have_its_condition() -> None:
    template = read_template()

    fitted = json.loads(fit_to_emulator(template, {"Bucket": "b", "Key": "k"}, {}, ENDPOINT))

    conditions = {
        (name.partition("Answer")[0], one.get("Condition"))
        for name, one in fitted["Resources"].items()
        if one["Type"] == "AWS::ApiGateway::GatewayResponse"
    }
    assert conditions == {
        ("ImagesApi", None),
        ("UsersApi", "WithTokens"),
        ("SignedApi", "WithIam"),
        ("SharesApi", "Shares"),
    }


def test_rendition_paths_have_a_folder_and_page_paths_have_none() -> None:
    config = read_template()["Resources"]["GalleryDistribution"]["Properties"]

    behaviours = config["DistributionConfig"]["CacheBehaviors"]

    # Those before it are for images on request.
    assert (behaviours[-1]["PathPattern"], behaviours[-1]["TargetOriginId"]) == ("/*/*", "pictures")
    assert all(path.is_file() for path in page_path().iterdir())


def test_without_a_gallery_none_of_its_resources_is_created() -> None:
    resources = read_template()["Resources"]

    parts = [name for name in resources if re.match("Gallery|Site|Page|Picture|.*Version", name)]
    parts.remove("CacheVersions")

    assert {resources[name].get("Condition") for name in parts} == {"WithGallery"}
    assert len(parts) == 11


def test_a_domain_needs_a_certificate_and_changes_nothing_without_its_name() -> None:
    template = read_template()
    config = template["Resources"]["GalleryDistribution"]["Properties"]["DistributionConfig"]

    nothing = {"Ref": "AWS::NoValue"}
    for name, condition in (
        ("Aliases", "WithDomain"),
        ("ViewerCertificate", "WithDomain"),
        ("WebACLId", "WithWebAcl"),
    ):
        assert config[name]["Fn::If"][0] == condition
        assert config[name]["Fn::If"][2] == nothing
    assert config["ViewerCertificate"]["Fn::If"][1]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert "CertificateOfDomain" in template["Rules"]
    records = [template["Resources"][name] for name in ("DomainRecord", "DomainRecordIpv6")]
    assert [one["Condition"] for one in records] == ["WithZone", "WithZone"]
    assert [one["Properties"]["Type"] for one in records] == ["A", "AAAA"]


@pytest.mark.parametrize(
    "logical",
    [
        name
        for name, resource in read_template()["Resources"].items()
        if resource["Type"] in {"AWS::S3::Bucket", "AWS::SQS::Queue"}
    ],
)
def test_every_bucket_and_queue_refuses_requests_without_tls(logical: str) -> None:
    policy = read_template()["Resources"][f"{logical}Policy"]["Properties"]

    statements = [one.get("Fn::If", [0, one])[1] for one in policy["PolicyDocument"]["Statement"]]

    [statement] = [one for one in statements if one["Sid"] == "RefuseWithoutTls"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert f"['{logical}', 'Arn']" in str(statement["Resource"])
    assert {"Ref": logical} in [policy.get("Bucket"), *policy.get("Queues", [])]


def test_the_number_of_workers_is_limited() -> None:
    resources = read_template()["Resources"]
    uploads = resources["ResizeImageFunctionUploads"]["Properties"]

    assert uploads["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "MaxConcurrency"}}


def test_no_policy_makes_the_originals_public() -> None:
    resources = read_template()["Resources"]
    [statement] = resources["OriginalsBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert statement["Effect"] == "Deny"


@pytest.mark.parametrize("bucket", ["SiteBucket", "ProcessedBucket"])
def test_only_our_own_distribution_is_allowed_by_the_bucket_policy(bucket: str) -> None:
    resources = read_template()["Resources"]
    statements = resources[f"{bucket}Policy"]["Properties"]["PolicyDocument"]["Statement"]

    plain = [one["Fn::If"][1] if "Fn::If" in one else one for one in statements]

    allowed = [one for one in plain if one["Effect"] == "Allow"]
    assert [(one["Action"], one["Principal"]) for one in allowed] == [
        ("s3:GetObject", {"Service": "cloudfront.amazonaws.com"})
    ]
    source = allowed[0]["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Sub"]
    assert source.endswith(":distribution/${GalleryDistribution}")


def test_the_api_knows_the_local_address_of_the_distribution() -> None:
    fitted = json.loads(fit_to_emulator(read_template(), CODE, {}, ENDPOINT))

    variables = fitted["Resources"]["ImagesApi"]["Properties"]["Variables"]["Fn::If"][1]
    label = {"Fn::Split": [".", {"Fn::GetAtt": ["GalleryDistribution", "DomainName"]}]}
    here = {"Fn::Join": ["", ["http://", {"Fn::Select": [0, label]}, ".cloudfront.localhost:4566"]]}
    assert variables["site"] == {"Fn::If": ["WithDomain", here, here]}
