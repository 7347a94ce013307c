"""Attacks on the embedded AWS of a laptop, and a snapshot of the state that they could change."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import boto3

from imagemill.local.address import Address

QUEUE = "attacked"
# Root keys built into MiniStack, and an unknown one.
KEYS = ("test", "000000000000", "AKIA" + "UNKNOWN2" * 2)
ACTIONS = {
    "sqs": {"Action": "CreateQueue", "QueueName": QUEUE, "Version": "2012-11-05"},
    "iam": {"Action": "CreateUser", "UserName": QUEUE, "Version": "2010-05-08"},
    "cloudformation": {
        "Action": "CreateStack",
        "StackName": QUEUE,
        "TemplateBody": json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}),
        "Version": "2010-05-15",
    },
}


@dataclass(frozen=True)
class Target:
    """A running stack, and a session with its owner's rights."""

    address: Address
    session: boto3.Session
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:  # noqa: ANN401  # the type depends on the service
        """Return boto3's client of a service, the same one for all tests."""
        if service not in self._clients:
            endpoint = self.address.endpoint
            self._clients[service] = self.session.client(service, endpoint_url=endpoint)  # type: ignore[call-overload]  # ditto
        return self._clients[service]

    def state(self) -> dict[str, Any]:
        """Return everything that an attack could change: resources, code and objects."""
        s3 = self.client("s3")
        stacks = self.client("cloudformation").describe_stacks()["Stacks"]
        functions = self.client("lambda").list_functions()["Functions"]
        return {
            "objects": {
                name: sorted(
                    (o["Key"], o["ETag"])
                    for o in s3.list_objects_v2(Bucket=name).get("Contents", [])
                    if name != self.address.processed_bucket
                )
                for name in self.buckets()
            },
            "queues": self.client("sqs").list_queues().get("QueueUrls", []),
            "users": [u["UserName"] for u in self.client("iam").list_users()["Users"]],
            "stacks": [stack["StackName"] for stack in stacks],
            "code": sorted((f["FunctionName"], f["CodeSha256"]) for f in functions),
        }

    def buckets(self) -> list[str]:
        """Return the buckets of the stack and of its code.

        The contract tests leave dozens of other buckets; a request to each would take minutes.
        """
        listed = self.client("s3").list_buckets()["Buckets"]
        return [bucket["Name"] for bucket in listed if bucket["Name"].startswith("imagemill-")]

    def links(self) -> list[str]:
        """Return URLs that would act on a server that does not verify their signature."""
        endpoint = self.address.endpoint
        bucket = f"{endpoint}/{self.address.originals_bucket}"
        return [
            f"{endpoint}/?{urlencode(query | claim(service, key))}"
            for service, query in ACTIONS.items()
            for key in KEYS
        ] + [
            f"{endpoint}/",
            f"{endpoint}/?{urlencode(ACTIONS['sqs'])}",
            f"{bucket}?list-type=2",
            f"{bucket}?{urlencode({'list-type': '2'} | claim('s3'))}",
            f"{bucket}?AWSAccessKeyId=test&Signature=x&Expires=9999999999",
            f"{endpoint}/_ministack/health",
            f"{endpoint}/_localstack/health",
            f"{endpoint}/health",
            f"{self.address.api_url}/../../../../_ministack/health",
            f"{endpoint}/_aws/lambda-url/x/",
        ]


def claim(service: str, key: str = "test") -> dict[str, str]:
    """Return the query of a presigned URL with an access key and an invalid signature."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{key}/{moment[:8]}/us-east-1/{service}/aws4_request",
        "X-Amz-Date": moment,
        "X-Amz-Expires": "3600",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "0" * 64,
    }


def authorization(service: str, key: str = "test") -> dict[str, str]:
    """Return the headers of a request with an access key and an invalid signature."""
    made_up = claim(service, key)
    return {
        "authorization": f"AWS4-HMAC-SHA256 Credential={made_up['X-Amz-Credential']}, "
        f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
        "x-amz-date": made_up["X-Amz-Date"],
    }


def forged_form(
    bucket: str,
    object_key: str,
    key: str = "test",
    secret: str = "test",  # noqa: S107  # a default that is public
) -> dict[str, str]:
    """Return the fields of an upload form that is signed with a public key."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"{moment[:8]}/us-east-1/s3/aws4_request"
    signed = {
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": f"{key}/{scope}",
        "x-amz-date": moment,
    }
    conditions = [{"bucket": bucket}, {"key": object_key}, *({n: v} for n, v in signed.items())]
    policy = {"expiration": "2099-01-01T00:00:00Z", "conditions": conditions}
    packed = base64.b64encode(json.dumps(policy).encode()).decode()
    secret_key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        secret_key = hmac.digest(secret_key, part.encode(), "sha256")
    signature = hmac.digest(secret_key, packed.encode(), "sha256").hex()
    return {"key": object_key, **signed, "policy": packed, "x-amz-signature": signature}


def computed_keys(function: dict[str, Any]) -> tuple[str, str, str]:
    """Return the credentials that MiniStack derives from the function's ARN and role."""
    digest = hashlib.sha256(f"{function['FunctionArn']}:{function['Role']}".encode()).hexdigest()
    secret = hashlib.sha256(f"secret:{digest}".encode()).hexdigest()
    token = hashlib.sha256(f"token:{digest}".encode()).hexdigest()
    return f"ASIA{digest[:16].upper()}", secret, token
