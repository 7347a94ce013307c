"""CloudFormation refuses values of parameters that a service of AWS would refuse later.

The rules are applied by the CloudFormation of the embedded AWS, and by the commands before.
"""

import re

import pytest
from fakes.cloudformation import DEFAULTS, TEMPLATE, resources
from ministack.services.cloudformation.engine import _resolve_parameters

from imagemill.errors import UsageInvalid
from imagemill.operations.parameter_values import check_parameters

# Values that a service or the function would refuse, with the reason.
BAD = {
    "Recipe": ["", "500," * 600],
    "MaxBytes": ["0", "524288001", "many"],
    "MaxPixels": ["0"],
    "MaxFrames": ["0"],
    "JpegSandbox": ["yes"],
    "CameraRaw": ["on"],
    # An event source takes 2 to 1,000 concurrent executions.
    "MaxConcurrency": ["1", "1001", "all"],
    "TransformConcurrency": ["-1", "1001"],
    # Lambda refuses a visibility timeout below the function's time-out, and SQS one above 12 hours.
    "RetrySeconds": ["119", "43201"],
    "MemorySize": ["511", "10241"],
    "EventBus": ["arn:aws:events:eu-central-1:123456789012:event-bus/mine", "a b", "x" * 257],
    "LogRetentionDays": ["2", "0", "10000"],
    "LogLevel": ["info", "WARNING"],
    "Watch": ["True"],
    "AlarmTopic": ["alarms", "arn:aws:sqs:eu-central-1:123456789012:alarms", "arn:aws:sns:alarms"],
    "DailyDollars": ["-1", "ten"],
    "DebugSampleRate": ["1.1", "-0.1"],
    "Tracing": ["on"],
    "RequireTls": ["no"],
    "Architecture": ["arm", "x86-64"],
    "OnRequest": ["1"],
    "NoncurrentVersionDays": ["0", "2147483648"],
    # A quote would end the header's value in the gateway, and a path never matches an origin.
    "CorsOrigin": ["", "photos.example.com", "https://a.example/", "https://a.example'", "null"],
    "ApiRateLimit": ["0"],
    "ApiBurstLimit": ["0", "2147483648"],
    "ApiDailyQuota": ["0", "2147483648"],
    "Gallery": ["TRUE"],
    # A semicolon would begin another directive of the policy.
    "GallerySources": ["", "https://a.example; script-src *", "https://a.example/" + "a" * 256],
    "SignedUrlsOnly": ["2"],
    "Widths": ["", "0", "100,,200", "100 200", "10000", "100, " * 30 + "1"],
    "Qualities": ["0", "101", "50,", "high"],
    "IiifProfile": ["level1"],
    "SignatureBytes": ["7", "33"],
    "OriginalsBucketName": ["My_Bucket", "-a", "b" * 64],
    "OriginalsEvents": ["sns"],
    "OriginalsPrefix": ["a b", "x" * 513],
    "OriginalsSuffixes": [".jpg;.png", ".jpg,"],
    "WriteOriginals": ["yes"],
    "OriginalsOwner": ["12345", "me"],
    "ProcessedBucketName": ["My_Bucket", "b" * 64],
    "KmsKeyArn": ["alias/mine", "arn:aws:kms:eu-central-1:123456789012:alias/mine"],
    "PermissionsBoundary": ["limit", "arn:aws:iam::123456789012:role/limit"],
    "RolePath": ["imagemill", "/imagemill", "/" + "x" * 512 + "/"],
    # The keys that verify tokens come from there.
    "JwtIssuer": ["http://login.example.com", "login.example.com", "https://a b"],
    "JwtAudience": ["a b", "x" * 257],
    "JwtAdmin": ["admins", "=admins", "groups="],
    "GalleryClientId": ["a b", "x" * 257],
    "GalleryScope": ["", "email"],
    "Owners": ["all"],
    "IamAuth": ["iam"],
    "DomainName": ["example", "https://images.example.com", "Images.example.com"],
    "CertificateArn": ["arn:aws:acm:eu-central-1:123456789012:certificate/1"],
    "HostedZoneId": ["/hostedzone/Z1"],
    "WebAclArn": ["arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/a/1"],
    "VersionedSeconds": ["59", "31536001"],
    "PriceClass": ["PriceClass_300"],
    "Private": ["yes"],
    "PrivateSeconds": ["59", "604801"],
    "PublicKey1": ["-----BEGIN PUBLIC KEY-----", "MIIB AQAB", "A" * 513],
    "PublicKey2": ["a b"],
    "PublicKey3": ["a b"],
    "Shares": ["yes"],
    "ArchiveOriginals": ["yes"],
    "WebhookUrl": [
        "http://app.example.com",
        "http://localhost:8000",
        "https://",
        "https://user:password@app.example.com",
        "https://app.example.com/#part",
        "https://app.example.com/a b",
        "https://app.example.com/" + "x" * 500,
    ],
}
# Values that look unusual and are right.
GOOD = [
    ("CorsOrigin", "http://localhost:8080"),
    ("CorsOrigin", "https://[2001:db8::1]:8443"),
    ("CorsOrigin", "capacitor://localhost"),
    ("EventBus", ""),
    ("AlarmTopic", ""),
    ("AlarmTopic", "arn:aws-us-gov:sns:us-gov-west-1:123456789012:imagemill_alarms"),
    ("GallerySources", "'self' https://*.example.com http://127.0.0.1:4566 wss:"),
    ("Qualities", ""),
    ("Qualities", "1, 50,100"),
    ("Widths", "1,9999"),
    ("DebugSampleRate", "0.01"),
    ("DailyDollars", "0.5"),
    ("LogRetentionDays", "1096"),
    ("WebhookUrl", "https://app.example.com:8443/hook?from=imagemill&token=a%20b"),
]
# Longest names, in bytes: of a bucket, a table, a queue's URL and a stack.
LONGEST = {"Bucket": 63, "Table": 255, "Queue": 150, "AWS::StackName": 128, "AWS::NoValue": 0}
_LAMBDA_LIMIT = 4096


def accepted(name: str, value: str) -> str:
    """Return the value of a parameter; raises ValueError if CloudFormation refuses it."""
    return str(_resolve_parameters(TEMPLATE, [{"Key": name, "Value": value}])[name]["Value"])


def test_bad_values_of_every_parameter_are_known() -> None:
    assert BAD.keys() == DEFAULTS.keys()


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in BAD.items() for v in values])
def test_a_bad_value_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        accepted(name, value)


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in BAD.items() for v in values])
def test_a_command_refuses_a_bad_value_before_cloudformation_does(name: str, value: str) -> None:
    with pytest.raises(UsageInvalid, match=name.replace("Recipe", "recipe")):
        check_parameters(TEMPLATE["Parameters"], {name: value})


@pytest.mark.parametrize(("name", "value"), [*DEFAULTS.items(), *GOOD])
def test_a_good_value_is_accepted(name: str, value: str) -> None:
    assert accepted(name, value) == value


@pytest.mark.parametrize(("name", "value"), [*DEFAULTS.items(), *GOOD])
def test_a_command_accepts_a_good_value(name: str, value: str) -> None:
    check_parameters(TEMPLATE["Parameters"], {name: value})


@pytest.mark.parametrize(
    "function", ["ResizeImageFunction", "TransformFunction", "WebhookFunction"]
)
def test_the_longest_values_fit_into_the_environment(function: str) -> None:
    parameters = TEMPLATE["Parameters"]
    longest = {
        name: "x" * parameters[name]["MaxLength"]
        for name in ("Recipe", "Widths", "EventBus", "WebhookUrl")
    }

    made = resources(**longest)[function]["Properties"]["Environment"]["Variables"]

    assert sum(len(name) + _length(value) for name, value in made.items()) <= _LAMBDA_LIMIT


def _length(value: object) -> int:
    """Return the bytes of an environment variable, with the longest names of resources."""
    match value:
        case {"Ref": str(name)}:
            return next(size for kind, size in LONGEST.items() if kind in name)
        case _:
            return len(str(value))


def test_the_longest_sources_fit_into_the_header() -> None:
    longest = "x" * TEMPLATE["Parameters"]["GallerySources"]["MaxLength"]
    headers = resources(GallerySources=longest)["PageHeaders"]["Properties"]

    policy = headers["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    text, _ = policy["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    hosts = re.sub(r"\$\{(Originals|Processed)\}", "b" * (63 + 30), text)
    # An issuer's origin has at most 8 + 253 + 6 characters, the API of users about 60.
    full = hosts.replace("${SignInSources}", "s" * (8 + 253 + 6 + 60))
    full = full.replace("${ShareSources}", "s" * 60).replace("${ArchiveSources}", "a" * 3 * 60)
    assert len(re.sub(r"\$\{[^}]+\}", "r" * 14, full)) <= 1_783


def test_a_retry_comes_after_the_time_out_of_the_function() -> None:
    timeout_s = TEMPLATE["Resources"]["ResizeImageFunction"]["Properties"]["Timeout"]

    assert TEMPLATE["Parameters"]["RetrySeconds"]["MinValue"] == timeout_s
