"""The API keys and the audit log of a stack, on AWS or on this machine."""

from typing import Protocol

from imagemill.aws.api_keys import ApiIds, ApiKeys
from imagemill.aws.audit_log import AuditLog
from imagemill.aws.stack_outputs import stack_outputs
from imagemill.dataclass import dataclass
from imagemill.domain.api_key import ApiKey, KeyRequest, NewKey
from imagemill.errors import SetupFailed
from imagemill.wiring.session import Credentials, explained, session_of


class Keys(Protocol):
    """The keys with scopes of one stack."""

    def create(self, request: KeyRequest) -> NewKey:
        """Make a key."""

    def all(self) -> list[ApiKey]:
        """Return all keys, without their values."""

    def delete(self, key_id: str) -> ApiKey:
        """Delete a key and return it; raises SetupFailed if there is none."""


@dataclass(frozen=True, slots=True)
class StackApiKeys:
    """The keys of a stack, and whether it has the index by which owners list their images."""

    keys: Keys
    has_owners: bool


def open_api_keys(stack: str, credentials: Credentials) -> StackApiKeys:
    """Return the API keys of a stack; raises SetupFailed if it does not exist or is too old."""
    with explained():
        session = session_of(credentials)
        gateway = session.client("apigateway", endpoint_url=credentials.endpoint)
        cloudformation = session.client("cloudformation", endpoint_url=credentials.endpoint)
    outputs = stack_outputs(cloudformation, stack)
    if "UsagePlanId" not in outputs:
        raise SetupFailed(f"the stack {stack!r} has no keys with scopes yet: deploy it again")
    ids = ApiIds(stack, outputs["ApiId"], outputs["UsagePlanId"])
    return StackApiKeys(ApiKeys(gateway, ids), "OwnersIndex" in outputs)


def open_audit_log(stack: str, credentials: Credentials) -> AuditLog:
    """Return the audit log of a stack; raises SetupFailed if it does not exist or is too old."""
    with explained():
        session = session_of(credentials)
        logs = session.client("logs", endpoint_url=credentials.endpoint)
        sts = session.client("sts", endpoint_url=credentials.endpoint)
        cloudformation = session.client("cloudformation", endpoint_url=credentials.endpoint)
    outputs = stack_outputs(cloudformation, stack)
    if "ApiLogGroup" not in outputs:
        raise SetupFailed(f"the stack {stack!r} has no audit log yet: deploy it again")
    return AuditLog(logs, sts, outputs["ApiLogGroup"])
