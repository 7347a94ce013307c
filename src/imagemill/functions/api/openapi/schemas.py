"""JSON Schema of fields and of the models of responses."""

import builtins
import types
import typing
from collections.abc import Iterator, Mapping
from inspect import getdoc
from types import NoneType
from typing import Any, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

from imagemill.functions.api.fields import (
    NUMBER,
    SHA256,
    Field,
    NumberField,
    PartsField,
    PointField,
    SwitchField,
    TextField,
)
from imagemill.functions.api.limits import MAX_PARTS

Schema = dict[str, Any]
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_POINT: Schema = {
    "type": "object",
    "properties": {"x": _SHARE, "y": _SHARE},
    "required": ["x", "y"],
    "additionalProperties": False,
}
_TYPES: Mapping[object, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    dict: "object",
    NoneType: "null",
}


def schema_of_field(field: Field) -> Schema:
    """Return the schema of a parameter or of a field of a body."""
    match field:
        case NumberField():
            found = _number_schema(field)
        case TextField():
            found = _text_schema(field)
        case PointField():
            found = _POINT
        case PartsField():
            found = _parts_schema()
        case SwitchField():
            found = {"type": "boolean"}
    described = {"description": field.description} if field.description else {}
    return {**found, "title": _title(field.name), **described}


def _parts_schema() -> Schema:
    part: Schema = {
        "properties": {NUMBER.name: schema_of_field(NUMBER), SHA256.name: schema_of_field(SHA256)},
        "additionalProperties": False,
        "type": "object",
        "required": [NUMBER.name, SHA256.name],
        "title": "Part",
    }
    return {"type": "array", "items": part, "minItems": 1, "maxItems": MAX_PARTS}


def schemas_of(models: tuple[type, ...]) -> dict[str, Schema]:
    """Return the schemas of models, and of those that they refer to, by name."""
    found: dict[str, Schema] = {}
    to_visit = list(models)
    while to_visit:
        model = to_visit.pop()
        if model.__name__ not in found:
            found[model.__name__] = _schema_of_model(model)
            to_visit += _models_in(model)
    return dict(sorted(found.items()))


def reference(model: type) -> Schema:
    """Return a reference to the schema of a model."""
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _schema_of_model(model: type) -> Schema:
    hints = get_type_hints(model, include_extras=True)
    return {
        "properties": {name: _property(name, hint) for name, hint in hints.items()},
        "additionalProperties": False,
        "type": "object",
        "required": [n for n, hint in hints.items() if get_origin(hint) is not NotRequired],
        "title": model.__name__,
        "description": getdoc(model),
    }


def _property(name: str, hint: Any) -> Schema:  # noqa: ANN401  # any annotation
    found = _schema(hint)
    is_reference = "$ref" in found or any("$ref" in one for one in found.get("anyOf", ()))
    return found if is_reference else {**found, "title": _title(name)}


def _schema(hint: Any) -> Schema:  # noqa: ANN401  # any annotation
    parts = get_args(hint)
    match get_origin(hint):
        case None if is_typeddict(hint):
            found = reference(hint)
        case None:
            found = {"type": _TYPES[hint]}
        case typing.Annotated:
            found = {**_schema(parts[0]), **parts[1]}
        case typing.NotRequired:
            found = _schema(parts[0])
        case typing.Literal:
            found = {"type": "string", **_choices(parts)}
        case types.UnionType | typing.Union:
            found = {"anyOf": [_schema(part) for part in parts]}
        case builtins.list:
            found = {"type": "array", "items": _schema(parts[0])}
        case other:
            found = {"type": _TYPES[other], "additionalProperties": _schema(parts[-1])}
    return found


def _models_in(hint: Any) -> Iterator[type]:  # noqa: ANN401  # any annotation
    """Yield the models in the annotations of a model, or in one annotation."""
    inner = get_type_hints(hint, include_extras=True).values() if is_typeddict(hint) else ()
    for part in (*inner, *get_args(hint)):
        if is_typeddict(part):
            yield part
        else:
            yield from _models_in(part)


def _text_schema(field: TextField) -> Schema:
    found: Schema = {"type": "string"}
    if field.max_length is not None:
        found["maxLength"] = field.max_length
    if field.min_length:
        found["minLength"] = field.min_length
    if field.pattern:
        found["pattern"] = field.pattern
    return {**found, **(_choices(field.choices) if field.choices else {})}


def _number_schema(field: NumberField) -> Schema:
    most = {} if field.most is None else {"maximum": field.most}
    return {"type": "integer", **most, "minimum": field.least}


def _choices(values: tuple[str, ...]) -> Schema:
    return {"enum": list(values)} if len(values) > 1 else {"const": values[0]}


def _title(name: str) -> str:
    return name.replace("_", " ").title()
