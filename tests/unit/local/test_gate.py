"""The gate passes permitted requests to the embedded AWS, and refuses all others."""

import pytest
from fakes.gate import PORT, ROLE, FakeLookups, now, presigned, request, scope, signed_headers

from imagemill.local.gate import Gate, Kind, check_signed
from imagemill.local.request import Malformed, Request, read_request
from imagemill.local.sigv4 import Refused

GATE = Gate(PORT, FakeLookups())
API = "/_aws/execute-api/3a0ed708/live"
GALLERY = f"d1.cloudfront.localhost:{PORT}"
PAGE = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
PREFLIGHT = {"access-control-request-method": "POST", **PAGE}
FORM = {"content-type": "multipart/form-data; boundary=X", **PAGE}
ROOT = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0&X-Amz-Credential=test/20261129/us-east-1"


def refused(asked: Request) -> bool:
    with pytest.raises(Refused):
        GATE.kind(asked, now())
    return True


@pytest.mark.parametrize(
    "headers", [{}, PAGE, {"sec-fetch-site": "none"}], ids=["program", "page", "person"]
)
@pytest.mark.parametrize(
    ("method", "address", "kind"),
    [
        ("GET", f"{API}/images?limit=3", Kind.API),
        ("POST", f"{API}/images?filename=a.jpg", Kind.API),
        ("OPTIONS", f"{API}/images", Kind.API),
        ("GET", API, Kind.API),
        ("QUERY", API, Kind.API),
        ("GET", presigned("GET", "/originals/a.jpg"), Kind.LINK),
        ("PUT", presigned("PUT", "/originals/a.jpg"), Kind.LINK),
    ],
)
def test_the_api_and_presigned_urls_pass_for_all_clients(
    method: str, address: str, kind: Kind, headers: dict[str, str]
) -> None:
    assert GATE.kind(request(method, address, headers), now()) is kind


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_loopback_has_three_names(host: str) -> None:
    assert GATE.kind(request("GET", API, host=f"{host}:{PORT}"), now()) is Kind.API


def test_preflights_and_upload_forms_of_pages_pass() -> None:
    assert GATE.kind(request("OPTIONS", "/originals/a", PREFLIGHT), now()) is Kind.PREFLIGHT
    link = presigned("GET", "/originals/a")
    assert GATE.kind(request("OPTIONS", link, PREFLIGHT), now()) is Kind.PREFLIGHT
    assert GATE.kind(request("POST", "/originals", FORM), now()) is Kind.FORM
    assert GATE.kind(request("POST", "/originals/", FORM), now()) is Kind.FORM


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "address", ["/", "/500/a.jpg", "/_ministack/reset", "/health", "/v2/a", "/a/../b"]
)
def test_every_path_of_a_distribution_is_the_gallery(method: str, address: str) -> None:
    assert GATE.kind(request(method, address, PAGE, host=GALLERY), now()) is Kind.GALLERY


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "address",
    [
        *("/~/a.jpg?w=96", "/~p/x/rs:fit:9/plain/a.jpg", "/iiif/3/a"),
        # The rules of the edge refuse these.
        *("/~/../originals/a", "/iiif/%2e%2e/originals/a"),
    ],
)
def test_images_on_request_are_also_at_the_names_of_loopback(method: str, address: str) -> None:
    assert GATE.kind(request(method, address, PAGE), now()) is Kind.GALLERY


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/~/a.jpg"),
        ("PUT", "/iiif/3/a"),
        ("GET", "/~t/a/640x.jpg"),
        ("GET", "/%7E/a.jpg"),
    ],
)
def test_other_paths_of_a_distribution_are_not(method: str, address: str) -> None:
    assert refused(request(method, address, {}))


@pytest.mark.parametrize("service", ["s3", "sqs", "cloudformation", "lambda", "iam"])
def test_requests_signed_with_the_root_key_pass(service: str) -> None:
    asked = request("POST", "/x", signed_headers("POST", "/x", service, b"body"))

    assert GATE.kind(asked, now()) is Kind.SIGNED
    assert check_signed(asked, b"body", GATE.lookups.credential, now()).scope.service == service


def test_a_signed_request_may_come_through_a_forwarded_port() -> None:
    asked = request("GET", "/", signed_headers("GET", "/", "s3") | {"host": "127.0.0.1:9999"})

    assert GATE.kind(asked, now()) is Kind.SIGNED


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/?Action=CreateQueue&QueueName=q",
        f"/?Action=CreateQueue&{ROOT}/sqs/aws4_request",
        f"/originals/a?{ROOT}/s3/aws4_request",
        f"/originals/a?{ROOT.lower()}/s3/aws4_request",
        "/originals/a?AWSAccessKeyId=test&Signature=x&Expires=9999999999",
        "/originals/a?awsaccesskeyid=test",
        "/originals",
        "/originals/a.jpg",
        "/originals?list-type=2",
        "/another-bucket/a.jpg",
        "/2015-03-31/functions",
        "/restapis/3a0ed708/live/_user_request_/images",
        "/_ministack/health",
        "/_ministack/reset",
        "/_ministack/lambda-code/f",
        "/_localstack/health",
        "/health",
        "/_aws/lambda-url/x/",
        "/_aws/execute-api/",
        "/_aws/execute-api/3a0ed708",
        "/_aws//execute-api/3a0ed708/live",
        "/_aws/execute-api//live/x",
        "/_aws%2Fexecute-api/3a0ed708/live",
        "/%5Faws/execute-api/3a0ed708/live",
        "/_AWS/execute-api/3a0ed708/live",
        "//_aws/execute-api/3a0ed708/live",
        f"{API}/../../../../_ministack/reset",
        f"{API}/%2e%2e/%2E%2e/x",
        f"{API}/..%5C..%5Cx",
        f"{API}/@connections/x",
        f"{API}/images?X-Amz-Credential=test/1",
        f"{API}/images?x-amz-target=A",
        "/_imagemill/save",
    ],
)
@pytest.mark.parametrize(
    "headers", [{}, PAGE, {"sec-fetch-site": "none"}, {"sec-fetch-site": "same-origin"}]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "TRACE"])
def test_all_other_requests_are_refused(method: str, address: str, headers: dict[str, str]) -> None:
    assert refused(request(method, address, headers))


@pytest.mark.parametrize(
    "host",
    [
        "",
        "elsewhere.example:4566",
        "127.0.0.1.elsewhere.example:4566",
        "localhost.elsewhere.example:4566",
        "localhost.:4566",
        "xlocalhost:4566",
        "0.0.0.0:4566",
        "127.0.0.2:4566",
        "127.1:4566",
        "2130706433:4566",
        "localhost:4566@elsewhere.example",
        "localhost:4566, elsewhere.example",
        "user@localhost:4566",
    ],
)
@pytest.mark.parametrize("address", [f"{API}/images", presigned("GET", "/originals/a"), "/"])
def test_a_rebound_host_name_is_refused(host: str, address: str) -> None:
    assert refused(request("GET", address, host=host))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:80", "localhost:4567", "d1.cloudfront.localhost"]
)
def test_a_request_for_another_port_is_refused(host: str) -> None:
    assert refused(request("GET", API, host=host))


@pytest.mark.parametrize(
    "host",
    [
        "d2.cloudfront.localhost",
        "d1.cloudfront.localhost.localhost",
        "x.d1.cloudfront.localhost",
        "s3.localhost",
        "originals.localhost",
        "originals.s3.localhost",
        "originals.s3-website.us-east-1.localhost",
        "3a0ed708.execute-api.localhost",
        "sqs.us-east-1.localhost",
        "iam.localhost",
        "x.lambda-url.us-east-1.localhost",
        "x.alb.localhost",
    ],
)
@pytest.mark.parametrize("address", ["/", "/a.jpg", "/live/images", f"{API}/images"])
def test_other_subdomains_of_localhost_are_refused(host: str, address: str) -> None:
    assert refused(request("GET", address, host=f"{host}:{PORT}"))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_a_distribution_is_only_read(method: str) -> None:
    assert refused(request(method, "/500/a.jpg", FORM, host=GALLERY))


@pytest.mark.parametrize(
    "mark", [{"origin": "null"}, {"origin": "http://localhost:3000"}, {"sec-fetch-site": "none"}]
)
def test_a_signed_request_from_a_web_page_is_refused(mark: dict[str, str]) -> None:
    assert refused(request("GET", "/originals", signed_headers("GET", "/originals", "s3") | mark))


@pytest.mark.parametrize(
    "address",
    ["/_ministack/reset", "/_localstack/x", "/_aws/lambda-url/x", "/_alb/x", "/_aws/execute-api/x"],
)
@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"originals.localhost:{PORT}"])
def test_administrative_paths_are_refused_for_the_root_key_too(address: str, host: str) -> None:
    assert refused(request("POST", address, signed_headers("POST", address, "s3") | {"host": host}))


@pytest.mark.parametrize(
    ("method", "address", "headers"),
    [
        ("POST", "/originals", {"content-type": "application/x-www-form-urlencoded"}),
        ("POST", "/originals", {"content-type": "text/plain"}),
        ("POST", "/originals", {}),
        ("POST", "/originals?delete", FORM),
        ("POST", "/originals/a.jpg", FORM),
        ("POST", "/another-bucket", FORM),
        ("POST", "/", FORM),
        ("PUT", "/originals", FORM),
        ("POST", "/originals", FORM | {"x-amz-target": "AmazonSQS.CreateQueue"}),
        ("POST", "/originals", FORM | {"x-amz-security-token": "t"}),
        ("OPTIONS", "/originals", PAGE),
        ("OPTIONS", presigned("GET", "/originals/a"), PAGE),
        ("OPTIONS", "/originals", PREFLIGHT | {"authorization": "aws test:x"}),
        ("OPTIONS", "/originals", PREFLIGHT | {"x-amz-target": "AmazonSQS.CreateQueue"}),
        ("OPTIONS", f"{API}/images?X-Amz-Credential=test/1", PREFLIGHT),
        ("QUERY", "/originals", PREFLIGHT),
        ("OPTIONS", "/another-bucket", PREFLIGHT),
        ("OPTIONS", "/_ministack/reset", PREFLIGHT),
        ("GET", f"{API}/images", {"x-amz-target": "AmazonSQS.CreateQueue"}),
        ("GET", f"{API}/images", {"authorization": "AWS4-HMAC-SHA256 Credential=test/1"}),
        ("GET", f"{API}/images", {"authorization": "aws test:x"}),
        ("GET", presigned("GET", "/originals/a"), {"content-length": "5"}),
        ("GET", presigned("GET", "/originals/a"), {"transfer-encoding": "chunked"}),
        ("GET", presigned("GET", "/"), {}),
    ],
)
def test_lookalikes_of_permitted_requests_are_refused(
    method: str, address: str, headers: dict[str, str]
) -> None:
    assert refused(request(method, address, headers))


def test_the_api_ignores_other_authorization_schemes() -> None:
    assert GATE.kind(request("GET", API, {"authorization": "Basic eA=="}), now()) is Kind.API


@pytest.mark.parametrize("service", ["cloudformation", "lambda", "iam", "apigateway", "imagemill"])
def test_a_function_may_not_use_services_that_control_aws(service: str) -> None:
    asked = request("GET", "/x", signed_headers("GET", "/x", service, keys=ROLE))

    with pytest.raises(Refused, match="a function may not use"):
        check_signed(asked, b"", GATE.lookups.credential, now())


INVOCATION = "/2015-03-31/functions/Archive-1/invocations"


def test_a_function_may_call_another_function() -> None:
    asked = request("POST", INVOCATION, signed_headers("POST", INVOCATION, "lambda", keys=ROLE))

    assert check_signed(asked, b"", GATE.lookups.credential, now()).scope.service == "lambda"


@pytest.mark.parametrize(
    ("method", "path", "service"),
    [
        ("DELETE", INVOCATION, "lambda"),
        ("POST", "/2015-03-31/functions", "lambda"),
        ("POST", INVOCATION.replace("Archive-1", "a/b"), "lambda"),
        ("POST", INVOCATION, "iam"),
    ],
)
def test_a_function_may_not_change_functions(method: str, path: str, service: str) -> None:
    asked = request(method, path, signed_headers(method, path, service, keys=ROLE))

    with pytest.raises(Refused, match="a function may not use"):
        check_signed(asked, b"", GATE.lookups.credential, now())


@pytest.mark.parametrize("service", ["s3", "sqs", "dynamodb", "events", "states"])
def test_a_function_may_use_services_that_store_data(service: str) -> None:
    asked = request("GET", "/x", signed_headers("GET", "/x", service, keys=ROLE))

    assert check_signed(asked, b"", GATE.lookups.credential, now()).scope.service == service


@pytest.mark.parametrize("name", ["host", "Authorization", "X-Amz-Date", "Content-Type", "Origin"])
def test_a_repeated_header_is_malformed(name: str) -> None:
    asked = scope("GET", API, {name: "a"})
    asked["headers"].append((name.lower().encode(), b"b"))

    with pytest.raises(Malformed):
        read_request(asked)


@pytest.mark.parametrize(
    "address", ["http://elsewhere.example/", "*", "", "a", "/a\x00", "/\xe9", "/?a=%ff"]
)
def test_a_request_target_without_a_path_is_malformed(address: str) -> None:
    with pytest.raises(Malformed):
        read_request(scope("GET", address))


@pytest.mark.parametrize("method", ["get", "M-SEARCH", "A", "", "GET /"])
def test_other_methods_are_malformed(method: str) -> None:
    with pytest.raises(Malformed):
        read_request(scope(method, API))
