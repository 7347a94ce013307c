"""Conditions, parameters, mappings and functions of a template, resolved as by CloudFormation."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

Json = Any
NO_VALUE = {"Ref": "AWS::NoValue"}
_NAMED = re.compile(r"\$\{(\w+)\}")


def sam_transformed(template: dict[str, Any]) -> dict[str, Any]:
    """Return the template after the SAM transform, with Globals merged into the functions."""
    copied = json.loads(json.dumps(template))
    copied["Globals"]["Function"]["CodeUri"] = {"Bucket": "b", "Key": "k"}
    session = boto3.Session(region_name="us-east-1")
    made: dict[str, Any] = Translator({}, Parser(), boto_session=session).translate(copied, {})
    return made


def sub_variables(text: str) -> list[str]:
    """Return the variables in a text of Fn::Sub, in order."""
    return _NAMED.findall(text)


class ResolvedTemplate:
    """A template with values for its parameters; other references stay as they are."""

    def __init__(self, template: dict[str, Any], parameters: dict[str, str]) -> None:
        self._template = template
        self._parameters = parameters
        self._functions: dict[str, Callable[[Json], Json]] = {
            "Fn::If": lambda it: self.resolve(it[1] if self.is_true(it[0]) else it[2]),
            "Fn::Equals": lambda it: str(self.resolve(it[0])) == str(self.resolve(it[1])),
            "Fn::Not": lambda it: not self.resolve(it[0]),
            "Fn::Or": lambda it: any(self.resolve(one) for one in it),
            "Fn::FindInMap": self._found,
            "Fn::Sub": self._text,
            "Condition": self.is_true,
            "Ref": lambda it: self._parameters.get(it, {"Ref": it}),
        }

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the resources whose condition is true, by logical id."""
        return {
            name: {part: self.resolve(one[part]) for part in one if part != "Condition"}
            for name, one in self._template["Resources"].items()
            if "Condition" not in one or self.is_true(one["Condition"])
        }

    def is_true(self, condition: str) -> bool:
        """Return whether a condition is true."""
        return bool(self.resolve(self._template["Conditions"][condition]))

    def resolve(self, value: Json) -> Json:
        """Return the value of a part of the template."""
        if isinstance(value, list):
            return [one for one in map(self.resolve, value) if one != NO_VALUE]
        if not isinstance(value, dict):
            return value
        [function, *_] = [*value, ""]
        if (
            len(value) == 1
            and function in self._functions
            and not isinstance(value[function], dict)
        ):
            return self._functions[function](value[function])
        made = {name: self.resolve(one) for name, one in value.items()}
        return {name: one for name, one in made.items() if one != NO_VALUE}

    def _found(self, keys: list[Json]) -> Json:
        found = self._template["Mappings"]
        for key in keys:
            found = found[self.resolve(key)]
        return found

    def _text(self, it: Json) -> str:
        text, bound = it if isinstance(it, list) else (it, {})
        known = self._parameters | {name: self.resolve(one) for name, one in bound.items()}
        return _NAMED.sub(lambda found: str(known.get(found[1], found[0])), text)


def parameters_of(template: dict[str, Any], value: Json) -> Iterator[str]:
    """Yield every parameter that may change the value of a part of the template."""
    if isinstance(value, str):
        yield from (name for name in sub_variables(value) if name in template["Parameters"])
    elif isinstance(value, list):
        for one in value:
            yield from parameters_of(template, one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _parameters_of_member(template, name, one)


def _parameters_of_member(template: dict[str, Any], name: str, value: Json) -> Iterator[str]:
    if name == "Ref" and value in template["Parameters"]:
        yield value
    condition = value[0] if name == "Fn::If" else value if name == "Condition" else None
    if isinstance(condition, str):
        yield from parameters_of(template, template["Conditions"][condition])
    yield from parameters_of(template, value)
