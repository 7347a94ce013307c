"""Functions run in a local process with the rights of their deployed roles."""

import hashlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import boto3
import httpx
from fakes.images import jpeg

from imagemill.domain.caller import key_value
from imagemill.domain.image_request import VARIANT_PREFIX
from imagemill.domain.keys import image_id
from imagemill.domain.reconciliation import Reconciliation, to_message
from imagemill.errors import OriginalForbidden
from live.stack import Stack

# Module of each function, by the prefix of its logical id.
FUNCTIONS = {
    "ResizeImage": "resize",
    "Transform": "transform",
    "ApiImageUpload": "api",
    "Webhook": "webhook",
}
Permissions = set[tuple[str, str]]
# Actions of S3 with another name than their operation.
_ACTIONS = {
    "HeadObject": "GetObject",
    "CreateMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
}
# Actions of a copy with tags. Source: "CopyObject", Amazon S3 API reference.
_OF_A_COPY = ("GetObject", "GetObjectTagging", "PutObject", "PutObjectTagging")


@dataclass(frozen=True)
class FunctionRun:
    """Result of a run: permissions used, operations denied, and whether all events succeeded."""

    used: Permissions
    refused: set[str]
    ended_well: bool


@dataclass(frozen=True)
class PermissionHarness:
    """Runs the functions of a stack with their roles; it should deliver no events meanwhile."""

    stack: Stack
    session: boto3.Session
    has_private_images: bool = False

    def client(self, service: str) -> Any:  # noqa: ANN401  # the type depends on the service
        """Return a client with the rights of the account's owner."""
        return self.session.client(service, endpoint_url=self.stack.address.endpoint)  # type: ignore[call-overload]  # ditto

    def physical_id(self, logical: str) -> str:
        """Return the physical id of a resource of the stack."""
        found = self.client("cloudformation").describe_stack_resource(
            StackName=self.stack.address.stack, LogicalResourceId=logical
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def policies(self, function: str) -> dict[str, list[dict[str, Any]]]:
        """Return the statements of each inline policy of the role of a function or the backfill."""
        iam, role = self.client("iam"), self.physical_id(f"{function}Role")
        return {
            name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"]
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
        }

    def statements(self, function: str) -> list[dict[str, Any]]:
        """Return the statements of all inline policies of the role."""
        return [statement for policy in self.policies(function).values() for statement in policy]

    @contextmanager
    def without(self, function: str, sid: str) -> Iterator[None]:
        """Remove a statement from a role inside the context."""
        iam, role = self.client("iam"), self.physical_id(f"{function}Role")
        [(name, whole)] = [
            (name, policy)
            for name, policy in self.policies(function).items()
            if any(statement["Sid"] == sid for statement in policy)
        ]
        rest = [statement for statement in whole if statement["Sid"] != sid]
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=_document(rest))
        try:
            yield
        finally:
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=_document(whole))

    def as_role(self, logical: str) -> boto3.Session:
        """Return a session with the rights of a role of the stack."""
        role = self.client("iam").get_role(RoleName=self.physical_id(logical))["Role"]
        keys = self.client("sts").assume_role(
            RoleArn=role["Arn"], RoleSessionName="permission-test"
        )
        return boto3.Session(
            keys["Credentials"]["AccessKeyId"],
            keys["Credentials"]["SecretAccessKey"],
            keys["Credentials"]["SessionToken"],
            region_name=self.stack.address.region,
        )

    def work(self, function: str) -> FunctionRun:
        """Run a function on events that make it use all its permissions."""
        makers = {"ResizeImage": self.resizes, "Transform": self.visits, "Webhook": _completions}
        events = makers.get(function, self.requests)()
        done = subprocess.run(
            [sys.executable, "-m", "live.call_recorder", FUNCTIONS[function]],
            input=json.dumps(events),
            env=self._environment(function),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        seen = json.loads(done.stdout.splitlines()[-1])
        shown = dict(zip(("original", "rendition"), seen["statuses"][-2:], strict=False))
        refused = {*seen["refused"], *(part for part, status in shown.items() if status == 403)}
        well = not seen["failed"] and all(status < 400 for status in seen["statuses"])
        is_read = OriginalForbidden.code not in done.stdout
        used = {right for call in seen["calls"] for right in self._rights(call)}
        if function == "Transform":
            used = {(action, _of_variants(action, resource)) for action, resource in used}
        return FunctionRun(used, refused, well and is_read)

    def resizes(self) -> list[dict[str, Any]]:
        """Return events of an image that is created, overwritten, deleted and expired.

        The last message is a look at an original whose state S3 does not tell.
        """
        key = f"{secrets.token_hex(8)}.jpg"
        originals = [jpeg(400, height) for height in (300, 200)]
        created = [(self.stack.put(key, data), _etag(data)) for data in originals]
        events = [
            ("ObjectCreated:Put", key, "01", *created[0]),
            ("ObjectCreated:Put", key, "02", *created[1]),
            ("ObjectRemoved:DeleteMarkerCreated", key, "03", "marker", ""),
            ("LifecycleExpiration:DeleteMarkerCreated", f"no-{key}", "01", "marker", ""),
        ]
        bucket = self.stack.address.originals_bucket
        self.stack.s3.put_object(
            Bucket=bucket,
            Key=f"secret-{key}",
            Body=originals[0],
            SSECustomerAlgorithm="AES256",
            SSECustomerKey=secrets.token_hex(16),
        )
        look = _delivery("look", to_message(Reconciliation(f"secret-{key}")))
        return [*(_message(bucket, *event) for event in events), look]

    def requests(self) -> list[dict[str, Any]]:
        """Return requests that upload, list, read, change and delete; the last two read an image.

        The focal point is another one in each run.
        """
        shown, across = image_id("shown.jpg"), secrets.randbelow(10_000) / 10_000
        return [
            _request("POST", "/images", {"filename": "new.jpg"}),
            _request(
                "POST",
                "/uploads",
                body='{"filename":"b.jpg","content_type":"image/jpeg","bytes":9}',
            ),
            _request("GET", "/images"),
            _request("GET", "/images", key=key_value("reader", frozenset({"read"}), "a" * 40)),
            _request("GET", "/folders"),
            _request("GET", "/search"),
            _request("GET", "/search", {"sort": "name"}),
            _request("POST", f"/images/{image_id('moved.jpg')}/move", body='{"prefix":"folder/"}'),
            _request("GET", f"/images/{shown}"),
            _request("PATCH", f"/images/{shown}", body=f'{{"focus":{{"x":{across},"y":0.5}}}}'),
            _request("POST", f"/images/{shown}/reprocess"),
            *self._parts_of_uploads(),
            _request("POST", "/shares", body=f'{{"image":"{shown}"}}'),
            _request("GET", "/shares"),
            _request("DELETE", f"/shares/{self.made_share}"),
            *([_request("POST", "/cookies")] if self.has_private_images else []),
            _request("DELETE", f"/images/{image_id('gone.jpg')}"),
            _request("GET", f"/images/{shown}/original"),
            _request("GET", f"/images/{shown}/renditions/100"),
        ]

    @cached_property
    def begun_uploads(self) -> list[tuple[str, dict[str, str]]]:
        """Two uploads in parts: the path and the query of each; begun before a right is removed."""
        address, spec = self.stack.address, {"filename": "b.jpg", "bytes": 9}
        with httpx.Client(base_url=address.api_url, headers={"x-api-key": address.api_key}) as api:
            begun = [api.post("/multipart", json=spec, timeout=60).json() for _ in range(2)]
        return [(f"/multipart/{one['id']}", {"upload_id": one["upload_id"]}) for one in begun]

    @cached_property
    def made_share(self) -> str:
        """The id of a share; made before a right is removed."""
        address, wanted = self.stack.address, {"prefix": "a/"}
        headers = {"x-api-key": address.api_key}
        with httpx.Client(base_url=address.api_url, headers=headers, timeout=60) as api:
            return str(api.post("/shares", json=wanted).json()["id"])

    def _parts_of_uploads(self) -> list[dict[str, Any]]:
        """Return requests for uploads in parts: one begins, one is listed, another is aborted."""
        spec = '{"filename":"b.jpg","content_type":"image/jpeg","bytes":9}'
        (listed, listed_id), (aborted, aborted_id) = self.begun_uploads
        return [
            _request("POST", "/multipart", body=spec),
            _request("GET", f"{listed}/parts", listed_id),
            _request("DELETE", aborted, aborted_id),
        ]

    def visits(self) -> list[dict[str, Any]]:
        """Return requests for new variants: from the original, and from a rendition."""
        # The focus makes them different from those of earlier runs.
        focus = "".join(secrets.choice("123456789") for _ in range(4))
        names = [f"{width}x_focus0.{focus}x0.{focus}.jpg" for width in (200, 20)]
        return [
            {
                "rawPath": f"/{VARIANT_PREFIX}{image_id('shown.jpg')}/{name}",
                "requestContext": {"requestId": "r-1", "http": {"method": "GET"}},
            }
            for name in names
        ]

    def _environment(self, function: str) -> dict[str, str]:
        settings = self.client("lambda").get_function_configuration(
            FunctionName=self.physical_id(f"{function}Function")
        )["Environment"]["Variables"]
        keys = self.as_role(f"{function}Role").get_credentials()
        assert keys
        if function == "ResizeImage":
            # a limit of its own makes a new deployment, so that the function registers it
            settings["IMAGEMILL_MAX_FRAMES"] = str(1_000 + secrets.randbelow(1_000_000))
        ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **ours,
            **settings,
            "PYTHONPATH": "tests",
            "AWS_ENDPOINT_URL": self.stack.address.endpoint,
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_SESSION_TOKEN": keys.token,
            "AWS_DEFAULT_REGION": self.stack.address.region,
        }

    def _rights(self, call: dict[str, Any]) -> Iterator[tuple[str, str]]:
        if call["operation"] == "CopyObject":
            objects = f"arn:aws:s3:::{call['params']['Bucket']}/*"
            yield from ((f"s3:{action}", objects) for action in _OF_A_COPY)
            return
        yield self._right(call)
        if "Tagging" in call["params"]:
            yield "s3:PutObjectTagging", f"arn:aws:s3:::{call['params']['Bucket']}/*"

    def _right(self, call: dict[str, Any]) -> tuple[str, str]:
        params, account = call["params"], f"{self.stack.address.region}:000000000000"
        match call["service"], call["operation"]:
            case "s3", "ListObjectsV2":
                return "s3:ListBucket", f"arn:aws:s3:::{params['Bucket']}"
            case "s3", operation:
                action = _ACTIONS.get(operation, operation)
                version = "Version" if "VersionId" in params else ""
                return f"s3:{action}{version}", f"arn:aws:s3:::{params['Bucket']}/*"
            case "dynamodb", operation:
                index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
                table = f"arn:aws:dynamodb:{account}:table/{params['TableName']}"
                return f"dynamodb:{operation}", table + index
            case "secretsmanager", operation:
                name = f"arn:aws:secretsmanager:{account}:secret:{params['SecretId']}-??????"
                by_arn = params["SecretId"].startswith("arn:")
                return f"secretsmanager:{operation}", params["SecretId"] if by_arn else name
            case "sqs", operation:
                queue = params["QueueUrl"].rpartition("/")[2]
                return f"sqs:{operation}", f"arn:aws:sqs:{account}:{queue}"
            case service, operation:
                return f"{service}:{operation}", f"arn:aws:events:{account}:event-bus/default"


def _of_variants(action: str, resource: str) -> str:
    """Return the resource of an action on the processed bucket, narrowed to keys of variants."""
    if action != "s3:PutObject":
        return resource
    return resource.removesuffix("*") + f"{VARIANT_PREFIX}*"


def _completions() -> list[dict[str, Any]]:
    """Return a message with a completion event."""
    event = {"id": "1", "detail-type": "Image ready", "source": "imagemill", "time": "now"}
    return [_delivery("event", json.dumps(event | {"detail": {}}))]


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _etag(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _message(
    bucket: str, name: str, key: str, sequencer: str, version: str, etag: str
) -> dict[str, Any]:
    described = {"key": key, "versionId": version, "sequencer": sequencer, "eTag": etag}
    if name.startswith("LifecycleExpiration"):
        del described["sequencer"]
    record = {
        "eventName": name,
        "eventTime": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "s3": {"bucket": {"name": bucket}, "object": described},
    }
    return _delivery(f"{name}-{sequencer}", json.dumps({"Records": [record]}))


def _delivery(name: str, body: str) -> dict[str, Any]:
    message = {"messageId": name, "body": body, "attributes": {"ApproximateReceiveCount": "1"}}
    return {"Records": [message]}


def _request(
    method: str, path: str, query: dict[str, str] | None = None, body: str = "", key: str = "k"
) -> dict[str, Any]:
    headers = {"x-api-key": key, "content-type": "application/json" if body else "image/jpeg"}
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {n: [v] for n, v in (query or {}).items()} or None,
        "requestContext": {"requestId": "r-1", "path": f"/live{path}", "stage": "live"},
        "stageVariables": {"site": "https://site.example"},
        "body": body or ("/9j/4AAQSkZJRg==" if method == "POST" else None),
        "isBase64Encoded": method == "POST" and not body,
    }
