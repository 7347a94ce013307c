"""Parameters of the template: names and values that CloudFormation would refuse.

They are found before a build, which takes minutes, and with the same words on a laptop.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import TypedDict

from imagemill.errors import ConfigurationInvalid, UsageInvalid
from imagemill.recipe_rules import RecipeRules

# Numbers that may be fractions. CloudFormation takes fractions of all, and then a service refuses.
_FRACTIONS = frozenset({"ApiRateLimit", "DailyDollars", "DebugSampleRate"})
# Lists of numbers of which the first that is large enough is taken.
_ASCENDING = frozenset({"Qualities", "Widths"})
_WHOLE, _FRACTION = re.compile(r"-?\d+"), re.compile(r"-?\d+(\.\d+)?")
_ANY = r"(?s:.*)"


class Parameter(TypedDict, total=False):
    """A parameter as a template declares it."""

    Type: str
    Default: str | float
    AllowedValues: list[str | int]
    AllowedPattern: str
    MinLength: int
    MaxLength: int
    MinValue: float
    MaxValue: float
    ConstraintDescription: str


def check_parameters(declared: Mapping[str, Parameter], given: Mapping[str, str]) -> None:
    """Raise UsageInvalid with all names and values that CloudFormation would refuse.

    A recipe is parsed, too: CloudFormation takes any text, but the functions would not start.
    """
    unknown = ", ".join(sorted(given.keys() - declared.keys()))
    faults = [f"the template has no parameter {unknown}"] if unknown else []
    for name, value in given.items():
        if name == "Recipe":
            faults += _faults_of_recipe(value)
        elif name in declared and (expected := _expectation(name, declared[name], value)):
            faults.append(f"{name} {expected}, got {value!r}")
    if faults:
        raise UsageInvalid("; ".join(faults))


def _expectation(name: str, parameter: Parameter, value: str) -> str:
    """Return the expectation that a value does not meet, such as `must be true or false`."""
    if "AllowedValues" in parameter:
        allowed = [str(one) for one in parameter["AllowedValues"]]
        return "" if value in allowed else f"must be {' or '.join(allowed)}"
    if parameter.get("Type") == "Number":
        return _expected_number(parameter, value, has_fractions=name in _FRACTIONS)
    limits = parameter.get("MinLength"), parameter.get("MaxLength")
    if not _is_within(len(value), *limits):
        return f"must have {_range(*limits)} characters"
    pattern = parameter.get("AllowedPattern", _ANY)
    if not re.fullmatch(pattern, value):
        return parameter.get("ConstraintDescription", f"must match {pattern}")
    return "must be ascending" if name in _ASCENDING and not _is_ascending(value) else ""


def _expected_number(parameter: Parameter, value: str, *, has_fractions: bool) -> str:
    limits = parameter.get("MinValue"), parameter.get("MaxValue")
    form, kind = (_FRACTION, "number") if has_fractions else (_WHOLE, "whole number")
    is_right = form.fullmatch(value) and _is_within(float(value), *limits)
    return "" if is_right else f"must be a {kind}, {_range(*limits)}"


def _is_ascending(text: str) -> bool:
    numbers = [int(part) for part in text.split(",") if part.strip()]
    return all(one < two for one, two in pairwise(numbers))


def _is_within(number: float, least: float | None, most: float | None) -> bool:
    return (least is None or least <= number) and (most is None or number <= most)


def _range(least: float | None, most: float | None) -> str:
    if most is None:
        return f"at least {least}"
    return f"at most {most}" if least is None else f"{least} to {most}"


def _faults_of_recipe(text: str) -> list[str]:
    try:
        RecipeRules.parse(text)
    except ConfigurationInvalid as fault:
        return [str(fault)]
    return []
