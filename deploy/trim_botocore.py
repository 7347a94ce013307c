# ruff: noqa: INP001 - scripts, not a package
"""Print botocore's data without the operations that ApiImageUploadFunction does not call.

`make lock` writes the output to `src/imagemill/aws/models.json`.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import botocore
from botocore.loaders import Loader
from botocore.session import Session

# The operations that ApiImageUploadFunction calls, by service. It never calls CreateBucket, but
# botocore looks it up to sign an upload form.
CALLED: Mapping[str, tuple[str, ...]] = {
    "dynamodb": ("GetItem", "PutItem", "Query"),
    "s3": ("CreateBucket", "DeleteObject", "GetObject", "HeadObject", "PutObject"),
}
_SHARED = ("_retry", "endpoints", "partitions", "sdk-default-configuration")
# Keys whose text becomes empty. They are kept, because botocore requires some of them.
_PROSE = {"documentation", "documentationUrl"}


def trimmed() -> dict[str, Any]:
    """Return the content of `models.json` for the installed version of botocore."""
    loader: Loader = Session().get_component("data_loader")
    data = {name: loader.load_data(name) for name in _SHARED}
    return {
        "botocore": botocore.__version__,
        "services": {name: _service(loader, name) for name in CALLED},
        "data": data | {"endpoints": _endpoints(data["endpoints"])},
    }


def _service(loader: Loader, name: str) -> dict[str, Any]:
    model = loader.load_service_model(name, "service-2")
    return {
        "version": loader.determine_latest_version(name, "service-2"),
        "data": {
            "service-2": _trimmed_model(model, CALLED[name]),
            "endpoint-rule-set-1": loader.load_service_model(name, "endpoint-rule-set-1"),
        },
    }


def _trimmed_model(model: Mapping[str, Any], operations: tuple[str, ...]) -> dict[str, Any]:
    """Return a service's model with these operations and the shapes they use, without prose."""
    kept = {name: model["operations"][name] for name in operations}
    shapes: dict[str, Any] = {}
    to_visit = list(_shapes_in(kept))
    while to_visit:
        name = to_visit.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            to_visit += _shapes_in(shapes[name])
    found: dict[str, Any] = _without_prose(
        {**model, "operations": kept, "shapes": dict(sorted(shapes.items()))}
    )
    return found


def _shapes_in(part: Any) -> Iterator[str]:  # noqa: ANN401  # botocore's JSON
    if isinstance(part, dict):
        for name, inner in part.items():
            if name == "shape" and isinstance(inner, str):
                yield inner
            else:
                yield from _shapes_in(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _shapes_in(inner)


def _without_prose(part: Any) -> Any:  # noqa: ANN401  # botocore's JSON
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
