"""API keys with scopes in API Gateway.

A key's scopes are part of its value, which API Gateway checks with every request, so the function
needs no table of keys. The value is shown once, when the key is made.
"""

import secrets
import string
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from imagemill.aws.errors import usable
from imagemill.dataclass import dataclass
from imagemill.domain.api_key import ApiKey, KeyLimits, KeyRequest, NewKey
from imagemill.domain.caller import SCOPES, key_value
from imagemill.errors import SetupFailed, UsageInvalid

if TYPE_CHECKING:
    from mypy_boto3_apigateway.client import APIGatewayClient
    from mypy_boto3_apigateway.type_defs import UsagePlanTypeDef

STAGE = "live"
# 40 letters and digits: 238 random bits.
_RANDOM_CHARACTERS = 40
_ALPHABET = string.ascii_letters + string.digits
# Burst of a key with a rate of its own, in seconds of that rate.
_BURST_S = 2


@dataclass(frozen=True, slots=True)
class ApiIds:
    """The stack, its API, and the usage plan that its keys share."""

    stack: str
    api_id: str
    plan_id: str


class ApiKeys:
    """Makes, lists and deletes the keys of one stack; they have its name as a prefix."""

    def __init__(self, client: "APIGatewayClient", ids: ApiIds) -> None:
        self._client = client
        self._ids = ids
        self._prefix = f"{ids.stack}."

    def create(self, request: KeyRequest) -> NewKey:
        """Make a key, with a usage plan of its own if it has limits of its own."""
        random = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
        try:
            value = key_value(request.name, request.scopes, random)
        except ValueError as fault:
            raise UsageInvalid(
                f"expected a name of 1 to 32 characters of a-z, 0-9 and -, got {request.name!r}"
            ) from fault
        with usable("API Gateway"):
            made = self._client.create_api_key(
                name=self._prefix + request.name,
                description=" ".join(scope for scope in SCOPES if scope in request.scopes),
                enabled=True,
                value=value,
            )
            try:
                self._admit(made["id"], request)
            except ClientError:
                # Without a usage plan the key opens nothing, and its value was never shown.
                self._client.delete_api_key(apiKey=made["id"])
                raise
        return NewKey(made["id"], value)

    def all(self) -> list[ApiKey]:
        """Return the keys with scopes, without their values."""
        with usable("API Gateway"):
            pages = self._client.get_paginator("get_api_keys").paginate(nameQuery=self._prefix)
            found = [key for page in pages for key in page["items"]]
            return [
                ApiKey(
                    key["id"],
                    key["name"].removeprefix(self._prefix),
                    tuple(key.get("description", "").split()),
                    key["createdDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
                    self._limits(key["id"]),
                )
                for key in found
                if key["name"].startswith(self._prefix)
            ]

    def delete(self, key_id: str) -> ApiKey:
        """Delete a key and its own usage plan; raises SetupFailed if there is none."""
        found = next((key for key in self.all() if key.id == key_id), None)
        if found is None:
            raise SetupFailed(f"there is no key with scopes and the id {key_id!r}")
        with usable("API Gateway"):
            own = self._own_plan(key_id)
            self._client.delete_api_key(apiKey=key_id)
            if own:
                stage = f"{self._ids.api_id}:{STAGE}"
                self._client.update_usage_plan(
                    usagePlanId=own["id"],
                    patchOperations=[{"op": "remove", "path": "/apiStages", "value": stage}],
                )
                self._client.delete_usage_plan(usagePlanId=own["id"])
        return found

    def _admit(self, key_id: str, request: KeyRequest) -> None:
        """Add a key to its usage plan."""
        plan = self._plan_for(key_id, request)
        self._client.create_usage_plan_key(usagePlanId=plan, keyId=key_id, keyType="API_KEY")

    def _plan_for(self, key_id: str, request: KeyRequest) -> str:
        limits = request.limits
        if limits == KeyLimits():
            return self._ids.plan_id
        shared = self._client.get_usage_plan(usagePlanId=self._ids.plan_id)
        throttle, quota = shared.get("throttle", {}), shared.get("quota", {})
        if limits.requests_per_second is not None:
            rate = limits.requests_per_second
            throttle = {"rateLimit": rate, "burstLimit": max(1, round(rate * _BURST_S))}
        if limits.requests_per_day is not None:
            quota = {"limit": limits.requests_per_day, "period": "DAY"}
        return self._client.create_usage_plan(
            name=f"{self._prefix}{key_id}",
            apiStages=[{"apiId": self._ids.api_id, "stage": STAGE}],
            throttle=throttle,
            quota=quota,
        )["id"]

    def _own_plan(self, key_id: str) -> "UsagePlanTypeDef | None":
        plans = self._client.get_usage_plans(keyId=key_id)["items"]
        return next((plan for plan in plans if plan["name"] == f"{self._prefix}{key_id}"), None)

    def _limits(self, key_id: str) -> KeyLimits:
        plan = self._own_plan(key_id)
        if plan is None:
            return KeyLimits()
        return KeyLimits(
            plan.get("throttle", {}).get("rateLimit"), plan.get("quota", {}).get("limit")
        )
