"""Trim: botocore's data without what nobody calls. `make lock` writes `models.json`."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import botocore
from botocore.loaders import Loader
from botocore.session import Session

CALLED: Mapping[str, tuple[str, ...]] = {
    "dynamodb": ("GetItem", "PutItem", "Query"),
    "s3": ("CreateBucket", "DeleteObject", "GetObject", "HeadObject", "PutObject"),
}
"""Every operation that ApiImageUploadFunction calls, by service.

CreateBucket is never called: botocore looks it up to sign an upload form.
"""
_SHARED = ("_retry", "endpoints", "partitions", "sdk-default-configuration")
_PROSE = {"documentation", "documentationUrl"}
"""Left empty rather than out: botocore looks for some of it."""


def trimmed() -> dict[str, Any]:
    """Return what `models.json` holds for the botocore that is installed."""
    loader: Loader = Session().get_component("data_loader")
    data = {name: loader.load_data(name) for name in _SHARED}
    return {
        "botocore": botocore.__version__,
        "services": {name: _service(loader, name) for name in CALLED},
        "data": data | {"endpoints": _endpoints(data["endpoints"])},
    }


def _service(loader: Loader, name: str) -> dict[str, Any]:
    return {
        "version": loader.determine_latest_version(name, "service-2"),
        "data": {
            "service-2": _only(loader.load_service_model(name, "service-2"), CALLED[name]),
            "endpoint-rule-set-1": loader.load_service_model(name, "endpoint-rule-set-1"),
        },
    }


def _only(model: Mapping[str, Any], operations: tuple[str, ...]) -> dict[str, Any]:
    """Return a service's model with these operations, the shapes they use, and no prose."""
    kept = {name: model["operations"][name] for name in operations}
    shapes: dict[str, Any] = {}
    asked = list(_shapes_in(kept))
    while asked:
        name = asked.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            asked += _shapes_in(shapes[name])
    trimmed_model: dict[str, Any] = _without_prose(
        {**model, "operations": kept, "shapes": dict(sorted(shapes.items()))}
    )
    return trimmed_model


def _shapes_in(part: Any) -> Iterator[str]:  # noqa: ANN401  # JSON of botocore's
    if isinstance(part, dict):
        for name, inner in part.items():
            if name == "shape" and isinstance(inner, str):
                yield inner
            else:
                yield from _shapes_in(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _shapes_in(inner)


def _without_prose(part: Any) -> Any:  # noqa: ANN401  # JSON of botocore's
    if isinstance(part, dict):
        return {k: "" if k in _PROSE else _without_prose(inner) for k, inner in part.items()}
    if isinstance(part, list):
        return [_without_prose(inner) for inner in part]
    return part


def _endpoints(data: Mapping[str, Any]) -> dict[str, Any]:
    partitions = [
        {**partition, "services": {k: v for k, v in partition["services"].items() if k in CALLED}}
        for partition in data["partitions"]
    ]
    return {**data, "partitions": partitions}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(trimmed(), separators=(",", ":")) + "\n")
