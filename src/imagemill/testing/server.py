"""The fake as an HTTP server: API Gateway, the buckets and the distribution."""

import base64
import secrets
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from imagemill.dataclass import dataclass
from imagemill.domain.share_tokens import MARK
from imagemill.errors import Forbidden
from imagemill.functions.api.app import answer
from imagemill.functions.api.problems import problem
from imagemill.local.request import Malformed, Request, read_request
from imagemill.local.sigv4 import Credential
from imagemill.testing.bucket import Buckets
from imagemill.testing.messages import Answer
from imagemill.testing.names import RESET_PATH, STAGE
from imagemill.testing.pipeline import FakeDeps

HOST = "127.0.0.1"
_PUBLIC = "/~~/"
# Paths of the API that need no key.
_OPEN = frozenset({"/health", "/openapi.json", "/docs"})
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PUT",
    "access-control-allow-headers": "*",
    "access-control-expose-headers": "ETag, x-amz-version-id",
}


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda tells a function about its invocation; implements `LambdaContext`."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the timeout of the function: the fake ends no invocation."""
        return 29_000


class FakeServer(ThreadingHTTPServer):
    """Serves the fake on a free port of loopback; `key` is the API key."""

    daemon_threads = True

    def __init__(self, recipe: str) -> None:
        """Raise ConfigurationInvalid for a recipe with errors."""
        super().__init__((HOST, 0), _Handler)
        self.url = f"http://{HOST}:{self.server_port}"
        self.key = secrets.token_hex(16)
        access_key, secret = "FAKE" + secrets.token_hex(8).upper(), secrets.token_hex(20)
        environ = {
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.url,
        }
        self.deps = FakeDeps(environ, recipe)
        self.buckets = Buckets(self.deps, {access_key: Credential(secret)}.get)

    def respond(self, request: Request, body: bytes) -> Answer:
        """Return the response to a request."""
        path = request.path
        if path == RESET_PATH and request.header("x-api-key") == self.key:
            self.deps.reset()
            return Answer(HTTPStatus.NO_CONTENT)
        if path.startswith(f"{STAGE}/"):
            return self._of_api(request, body)
        if request.method == "OPTIONS":
            return Answer(HTTPStatus.NO_CONTENT, _CORS)
        if path.startswith(_PUBLIC):
            return self._of_distribution(path)
        found = self.buckets.answer(request, body)
        return Answer(found.status, {**found.headers, **_CORS}, found.body)

    def _of_api(self, request: Request, body: bytes) -> Answer:
        """Return the response of the function, or of API Gateway to a wrong key."""
        path = request.path.removeprefix(STAGE)
        token = request.header("authorization")
        is_open = request.method == "OPTIONS" or path in _OPEN
        if not is_open and not token and request.header("x-api-key") != self.key:
            refused = problem(
                Forbidden("expected the header x-api-key with a key of this API"), _request_id()
            )
            return _answer_of(refused.to_gateway({"Access-Control-Allow-Origin": "*"}))
        event = self._event(request, path, body)
        return _answer_of(answer(event, Context(_request_id()), self.deps))

    def _event(self, request: Request, path: str, body: bytes) -> dict[str, Any]:
        """Return the event of API Gateway for a request."""
        query: dict[str, list[str]] = {}
        for name, value in request.query:
            query.setdefault(name, []).append(value)
        return {
            "resource": path,
            "path": path,
            "httpMethod": request.method,
            "headers": dict(request.headers),
            "multiValueQueryStringParameters": query or None,
            "requestContext": {
                "requestId": _request_id(),
                "path": request.path,
                "apiId": "fake",
                "identity": {"apiKeyId": "fake", "apiKey": self.key},
            },
            "stageVariables": {
                "auth": _auth_of(request.header("authorization")),
                "site": self.url,
                "versioned": "true",
            },
            "body": base64.b64encode(body).decode() if body else None,
            "isBase64Encoded": bool(body),
        }

    def _of_distribution(self, path: str) -> Answer:
        """Return a rendition by its public address, `/~~/VERSION/KEY`."""
        _, _, key = path.removeprefix(_PUBLIC).partition("/")
        stored = self.deps.renditions.objects.get(key)
        if stored is None:
            return Answer(HTTPStatus.NOT_FOUND)
        data, metadata = stored
        return Answer(HTTPStatus.OK, {"content-type": metadata.content_type}, data)


class _Handler(BaseHTTPRequestHandler):
    server: FakeServer
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        """Answer a request of any method."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        url = urlsplit(self.path)
        scope = {
            "type": "http",
            "method": self.command,
            "raw_path": url.path.encode(),
            "path": unquote(url.path),
            "query_string": url.query.encode(),
            "headers": [(n.encode(), v.encode("latin-1")) for n, v in self.headers.items()],
        }
        try:
            found = self.server.respond(read_request(scope), body)
        except Malformed as fault:
            found = Answer(HTTPStatus.BAD_REQUEST, {}, str(fault).encode())
        self.send_response(found.status)
        for name, value in {**found.headers, "content-length": str(len(found.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(found.body)

    # Names of http.server.
    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do_OPTIONS = handle_any  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Print nothing: the API logs its requests."""


def _answer_of(response: Mapping[str, Any]) -> Answer:
    """Return the HTTP response for the result of the function."""
    headers = {name: values[0] for name, values in response["multiValueHeaders"].items()}
    return Answer(response["statusCode"], headers, response["body"].encode())


def _auth_of(authorization: str | None) -> str:
    """Return the kind of credentials: a stack has a URL for each, and the fake one for all."""
    if not authorization:
        return "key"
    return "share" if authorization.removeprefix("Bearer ").startswith(MARK) else "jwt"


def _request_id() -> str:
    return str(uuid.uuid4())
