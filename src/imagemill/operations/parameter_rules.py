"""Rules of the template: values that its parameters may not have together.

CloudFormation refuses them when it gets the template, which is after the build; the embedded AWS
does not know rules.
"""

from collections.abc import Mapping
from typing import TypedDict

from imagemill.errors import UsageInvalid
from imagemill.operations.parameter_values import Parameter

# A condition that holds for all values.
_ALWAYS: Mapping[str, object] = {"Fn::And": []}


class Assertion(TypedDict):
    """A condition that must hold, and the reason."""

    Assert: Mapping[str, object]
    AssertDescription: str


class Rule(TypedDict, total=False):
    """The assertions of a rule, and the condition without which they do not count."""

    RuleCondition: Mapping[str, object]
    Assertions: list[Assertion]


def check_rules(
    rules: Mapping[str, Rule], declared: Mapping[str, Parameter], given: Mapping[str, str]
) -> None:
    """Raise UsageInvalid with the reasons of all rules that the values break."""
    values = {name: str(one["Default"]) for name, one in declared.items()} | dict(given)
    broken = [
        assertion["AssertDescription"]
        for rule in rules.values()
        if _holds(rule.get("RuleCondition", _ALWAYS), values)
        for assertion in rule["Assertions"]
        if not _holds(assertion["Assert"], values)
    ]
    if broken:
        raise UsageInvalid(" ".join(broken))


def _holds(condition: object, values: Mapping[str, str]) -> bool:
    match condition:
        case {"Fn::Not": [inner]}:
            return not _holds(inner, values)
        case {"Fn::And": [*parts]}:
            return all(_holds(part, values) for part in parts)
        case {"Fn::Or": [*parts]}:
            return any(_holds(part, values) for part in parts)
        case {"Fn::Equals": [one, two]}:
            return _value(one, values) == _value(two, values)
    raise ValueError(f"a rule of the template has another condition: {condition}")


def _value(part: object, values: Mapping[str, str]) -> str:
    match part:
        case {"Ref": str(name)}:
            return values[name]
    return str(part)
