"""Public keys and key groups in the embedded CloudFormation, which has no resources for them.

MiniStack 1.5.33 keeps both in its CloudFront and has the requests of CloudFront's API for them.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

_Made = tuple[str, dict[str, str]]


def add_key_groups(cloudfront: Any) -> None:  # noqa: ANN401  # MiniStack ships no types
    """Add the two kinds of resources; `cloudfront` is the module of that service."""
    from ministack.services.cloudformation import provisioners  # noqa: PLC0415  # as in the child

    handlers: dict[str, dict[str, Any]] = provisioners._RESOURCE_HANDLERS  # noqa: SLF001  # as below
    handlers["AWS::CloudFront::PublicKey"] = _resource(
        cloudfront._public_keys,  # noqa: SLF001  # MiniStack has no public name for them
        cloudfront._pk_id,  # noqa: SLF001  # as above
        lambda properties: dict(properties["PublicKeyConfig"]),
        # As CloudFront, which answers InvalidRequest.
        can_change=False,
    )
    handlers["AWS::CloudFront::KeyGroup"] = _resource(
        cloudfront._key_groups,  # noqa: SLF001  # as above
        cloudfront._kg_id,  # noqa: SLF001  # as above
        lambda properties: dict(properties["KeyGroupConfig"]),
        can_change=True,
    )


def _resource(
    store: dict[str, Any],
    new_id: Callable[[], str],
    config_of: Callable[[Mapping[str, Any]], dict[str, Any]],
    *,
    can_change: bool,
) -> dict[str, Any]:
    def keep(physical_id: str, properties: Mapping[str, Any]) -> _Made:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        store[physical_id] = {
            "Id": physical_id,
            "ETag": str(uuid4()),
            "CreatedTime": now,
            "LastModifiedTime": now,
            "Config": config_of(properties),
        }
        return physical_id, {"Id": physical_id}

    def create(_logical_id: str, properties: Mapping[str, Any], _stack: str) -> _Made:
        return keep(new_id(), properties)

    def update(physical_id: str, before: Any, after: Any, _stack: str) -> _Made:  # noqa: ANN401  # any properties
        if before != after and not can_change:
            raise ValueError("Invalid request provided: AWS::CloudFront::PublicKey")
        return keep(physical_id, after)

    def delete(physical_id: str, _properties: Mapping[str, Any]) -> None:
        store.pop(physical_id, None)

    return {"create": create, "update": update, "delete": delete}
