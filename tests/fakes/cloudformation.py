"""The template as CloudFormation sees it: transformed by SAM, with the values of the parameters."""

import json
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import pytest
from samtranslator.translator.transform import transform

from fakes.template import read_template

TEMPLATE = read_template()
DEFAULTS = {name: str(one["Default"]) for name, one in TEMPLATE["Parameters"].items()}
_NAMES = re.compile(r"\$\{([\w:]+)\}")
_LOGICAL_IDS = re.compile(r"\$\{(\w+)")
REGION = "eu-central-1"
# Parameters that SAM replaces by their values. Another transform for each parameter would be slow.
_RESOLVED_BY_SAM = {"ApiRateLimit", "ApiBurstLimit", "ApiDailyQuota", "CorsOrigin"}
_PSEUDO = {"AWS::URLSuffix": "amazonaws.com"}


class NoPolicies:
    """The managed policies that the template names: none."""

    def load(self) -> dict[str, str]:
        return {}


@cache
def _transformed(parameters: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    template = json.loads(json.dumps(TEMPLATE))
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        made: dict[str, Any] = transform(template, dict(parameters), NoPolicies())
    return made


# A test asks for the same stack several times; a stack takes megabytes.
@lru_cache(maxsize=8)
def resources(partition: str = "aws", region: str = REGION, **parameters: str) -> dict[str, Any]:
    """Return the resources that a stack with these parameters has, by logical id; to read only."""
    values = _PSEUDO | {"AWS::Partition": partition, "AWS::Region": region} | DEFAULTS | parameters
    made = _transformed(tuple(sorted(p for p in parameters.items() if p[0] in _RESOLVED_BY_SAM)))
    evaluate = _Evaluator(values, made["Conditions"])
    return {
        name: evaluate.value(one)
        for name, one in made["Resources"].items()
        if "Condition" not in one or evaluate.condition(one["Condition"])
    }


def references(value: Any) -> Iterator[str]:  # noqa: ANN401  # JSON of a template
    """Yield the resources that a value refers to, and the parameters that are not replaced."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::Sub": [str(text), dict(names)]}:
            yield from set(_LOGICAL_IDS.findall(text)) - names.keys()
            yield from references(names)
        case {"Fn::Sub": str(text)}:
            yield from _LOGICAL_IDS.findall(text)
        case dict():
            depends = value.get("DependsOn", [])
            yield from [depends] if isinstance(depends, str) else depends
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)


class _Evaluator:
    """Replaces parameters and conditions by their values; references to resources stay."""

    def __init__(self, values: dict[str, str], conditions: dict[str, Any]) -> None:
        self._values = values
        self._conditions = conditions
        self._known: dict[str, bool] = {}

    def condition(self, name: str) -> bool:
        if name not in self._known:
            self._known[name] = self._holds(self._conditions[name])
        return self._known[name]

    def _holds(self, condition: Any) -> bool:  # noqa: ANN401  # JSON of a template
        match condition:
            case {"Condition": str(name)}:
                return self.condition(name)
            case {"Fn::Equals": [one, other]}:
                return str(self.value(one)) == str(self.value(other))
            case {"Fn::Not": [inner]}:
                return not self._holds(inner)
            case {"Fn::And": list(inner)}:
                return all(map(self._holds, inner))
            case {"Fn::Or": list(inner)}:
                return any(map(self._holds, inner))
            case _:
                raise AssertionError(f"unknown condition {condition}")

    def value(self, given: Any) -> Any:  # noqa: ANN401  # JSON of a template
        match given:
            case {"Ref": str(name)} if name in self._values:
                return self._values[name]
            case {"Fn::Sub": inner}:
                return {"Fn::Sub": self._substituted(inner)}
            case {"Fn::If": [name, yes, no]}:
                return self.value(yes if self.condition(name) else no)
            case dict():
                return {key: self.value(inner) for key, inner in given.items()}
            case list():
                return [self.value(inner) for inner in given]
            case _:
                return given

    def _substituted(self, given: Any) -> Any:  # noqa: ANN401  # JSON of a template
        if isinstance(given, list):
            return [self._substituted(given[0]), self.value(given[1])]
        return _NAMES.sub(lambda found: str(self._values.get(found[1], found[0])), given)
