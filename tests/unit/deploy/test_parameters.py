"""A changed parameter changes the stack, and everything that has its value."""

import json

import pytest
from fakes.cloudformation import DEFAULTS, TEMPLATE, resources

# Another value of each parameter.
OTHERS = {
    "Recipe": "small=50",
    "MaxBytes": "1000",
    "MaxPixels": "1000",
    "MaxFrames": "10",
    "JpegSandbox": "false",
    "CameraRaw": "true",
    "MaxConcurrency": "2",
    "TransformConcurrency": "50",
    "RetrySeconds": "900",
    "MemorySize": "1024",
    "EventBus": "",
    "LogRetentionDays": "3",
    "LogLevel": "DEBUG",
    "Watch": "false",
    "AlarmTopic": "arn:aws:sns:eu-central-1:123456789012:alarms",
    "DailyDollars": "5",
    "DebugSampleRate": "0.1",
    "Tracing": "true",
    "RequireTls": "false",
    "Architecture": "x86_64",
    "OnRequest": "false",
    "NoncurrentVersionDays": "3",
    "CorsOrigin": "https://photos.example.com",
    "ApiRateLimit": "5",
    "ApiBurstLimit": "5",
    "ApiDailyQuota": "5",
    "Gallery": "false",
    "GallerySources": "https://api.example.com",
    "SignedUrlsOnly": "true",
    "Widths": "100, 200",
    "Qualities": "80",
    "IiifProfile": "level0",
    "SignatureBytes": "16",
    "OriginalsBucketName": "photos",
    "OriginalsEvents": "eventbridge",
    "OriginalsPrefix": "in/",
    "OriginalsSuffixes": ".jpg",
    "WriteOriginals": "true",
    "OriginalsOwner": "210987654321",
    "ProcessedBucketName": "renditions",
    "KmsKeyArn": "arn:aws:kms:eu-central-1:123456789012:key/1",
    "PermissionsBoundary": "arn:aws:iam::123456789012:policy/limit",
    "RolePath": "/imagemill/",
    "JwtIssuer": "https://login.example.com",
    "JwtAudience": "gallery",
    "JwtAdmin": "groups=admins",
    "GalleryClientId": "gallery",
    "GalleryScope": "openid email",
    "Owners": "true",
    "IamAuth": "true",
    "DomainName": "images.example.com",
    "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
    "HostedZoneId": "Z1",
    "WebAclArn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/1",
    "VersionedSeconds": "60",
    "PriceClass": "PriceClass_All",
    "Private": "true",
    "PrivateSeconds": "900",
    "PublicKey1": "MIIB.AQAB",
    "PublicKey2": "MIIB.AQAB",
    "PublicKey3": "MIIB.AQAB",
    "Shares": "true",
    "WebhookUrl": "https://app.example.com/hook",
    "ArchiveOriginals": "true",
}
# Parameters without an effect unless another one has a value, too.
TOGETHER = {
    "OriginalsEvents": {"OriginalsBucketName": "photos"},
    "OriginalsPrefix": {"OriginalsBucketName": "photos"},
    "OriginalsSuffixes": {"OriginalsBucketName": "photos"},
    "WriteOriginals": {"OriginalsBucketName": "photos"},
    "OriginalsOwner": {"OriginalsBucketName": "photos"},
    "JwtAudience": {"JwtIssuer": "https://login.example.com"},
    "JwtAdmin": {"JwtIssuer": "https://login.example.com"},
    "GalleryClientId": {"JwtIssuer": "https://login.example.com"},
    "CertificateArn": {"DomainName": "images.example.com"},
    "HostedZoneId": {"DomainName": "images.example.com"},
    "PrivateSeconds": {"Private": "true", "PublicKey1": "MIIB.AQAB"},
    "PublicKey1": {"Private": "true"},
    "PublicKey2": {"Private": "true"},
    "PublicKey3": {"Private": "true"},
}


def deployment(**parameters: str) -> str:
    """Return the logical id of the API's deployment; with a new id, the API is deployed again."""
    kind = "AWS::ApiGateway::Deployment"
    [name] = [
        n
        for n, one in resources(**parameters).items()
        if one["Type"] == kind and one["Properties"]["RestApiId"] == {"Ref": "ImagesApi"}
    ]
    return name


def test_every_parameter_has_another_value_here() -> None:
    assert OTHERS.keys() == DEFAULTS.keys()
    assert not OTHERS.items() & DEFAULTS.items()


@pytest.mark.parametrize(("name", "value"), OTHERS.items())
def test_another_value_changes_resources(name: str, value: str) -> None:
    if name == "GalleryScope":
        # `imagemill site publish` reads it.
        assert TEMPLATE["Outputs"][name]["Value"] == {"Ref": name}
        return
    together = TOGETHER.get(name, {})
    assert resources(**together, **{name: value}) != resources(**together)


@pytest.mark.parametrize(("name", "value"), OTHERS.items())
def test_the_api_is_deployed_again_if_its_answers_change(name: str, value: str) -> None:
    bodies = [
        made["ImagesApi"]["Properties"]["Body"]
        for made in (resources(), resources(**{name: value}))
    ]

    # The list of media types has the value for SAM's hash alone.
    answers = [json.dumps(body | {"x-amazon-apigateway-binary-media-types": 0}) for body in bodies]
    assert (deployment(**{name: value}) != deployment()) == (answers[0] != answers[1])


def test_the_origin_is_in_answers_of_the_gateway() -> None:
    body = resources(CorsOrigin="https://a.example")["ImagesApi"]["Properties"]["Body"]

    answers = body["x-amazon-apigateway-gateway-responses"].values()
    assert "'https://a.example'" in str(list(answers))


def test_the_media_types_are_the_same_for_every_origin() -> None:
    body = resources(CorsOrigin="https://a.example")["ImagesApi"]["Properties"]["Body"]

    [media_type] = body["x-amazon-apigateway-binary-media-types"]
    assert media_type == {"Fn::Select": [0, ["*/*", "https://a.example"]]}
