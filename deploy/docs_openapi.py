# ruff: noqa: INP001 - scripts, not a package
"""The page of the OpenAPI document on the documentation site."""

from collections.abc import Iterator, Mapping
from typing import Any

_INTRO = """\
# OpenAPI

The routes, parameters and fields of the REST API, from its [OpenAPI document](openapi.json).
[The REST API](api.md) explains them.
"""


def openapi_page(document: Mapping[str, Any]) -> str:
    """Return Markdown with a section for each route and a table of fields for each schema."""
    lines = [_INTRO]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            lines += _route(method.upper(), path, operation)
    lines.append("## Schemas\n")
    for name, schema in document["components"]["schemas"].items():
        lines += _schema(name, schema)
    return "\n".join(lines) + "\n"


def _route(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"## `{method} {path}`\n"
    yield f"{operation['summary']}.\n"
    if description := operation.get("description"):
        yield f"{description}\n"
    if parameters := operation.get("parameters"):
        yield "| parameter | in | type | meaning |\n|---|---|---|---|"
        for one in parameters:
            kind, meaning = type_of(one["schema"]), _cell(one.get("description", ""))
            yield f"| `{one['name']}` | {one['in']} | {kind} | {meaning} |"
        yield ""
    if body := operation.get("requestBody"):
        kinds = [f"`{name}`: {type_of(one['schema'])}" for name, one in body["content"].items()]
        yield f"Body: {'; '.join(kinds)}\n"
    yield "| status | body | meaning |\n|---|---|---|"
    for status, answer in operation["responses"].items():
        types = {type_of(one["schema"]) for one in answer.get("content", {}).values()}
        yield f"| {status} | {', '.join(sorted(types))} | {_cell(answer['description'])} |"
    yield ""


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {name}\n"
    if description := schema.get("description"):
        yield f"{description}\n"
    yield "| field | type | meaning |\n|---|---|---|"
    required = schema.get("required", [])
    for field, one in schema.get("properties", {}).items():
        optional = "" if field in required else " (optional)"
        yield f"| `{field}` | {type_of(one)}{optional} | {_cell(one.get('description', ''))} |"
    yield ""


def type_of(schema: Mapping[str, Any]) -> str:
    """Return the type of a schema in a few words, with a link to the schema that it names."""
    match schema:
        case {"$ref": str(place)}:
            name = place.rpartition("/")[2]
            text = f"[{name}](#{name.lower()})"
        case {"anyOf": choices} | {"oneOf": choices}:
            text = " or ".join(type_of(one) for one in choices)
        case {"enum": values}:
            text = " or ".join(f"`{value}`" for value in values)
        case {"type": "array", "items": items}:
            text = f"list of {type_of(items)}"
        case {"type": "object", "additionalProperties": dict(inner)}:
            text = f"object of {type_of(inner)}"
        case {"type": list(kinds)}:
            text = " or ".join(kinds)
        case _:
            text = str(schema.get("type", "any"))
    return text


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
