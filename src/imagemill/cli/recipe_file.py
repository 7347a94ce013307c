"""Recipes in YAML files, converted to the text of the parameter `Recipe`.

The functions read only the text, so that they do not load PyYAML. `recipe.schema.json` describes
the files for editors.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from imagemill.errors import ConfigurationInvalid, UsageInvalid
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules, Rule

SCHEMA = Path(__file__).with_name("recipe.schema.json")
_SUFFIXES = (".yaml", ".yml", ".json")
_RULE_FIELDS = {"prefix": str, "name": str, "presets": list, "ignore": bool}
# Fields of a preset, in the order of its text, and the text before the value there.
_OPTIONS = {"fit": "", "format": "", "quality": "q", "effort": "e", "max": "max"}
_PRESET_FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "name": str,
    "box": (str, int),
    "fit": str,
    "format": str,
    "quality": (str, int),
    "effort": int,
    "max": (str, int),
    "edits": list,
}


def is_file(source: str) -> bool:
    """Return whether a recipe is given as the name of a file; no recipe ends like one."""
    return source.endswith(_SUFFIXES)


def recipe_of(source: str) -> tuple[str, RecipeRules]:
    """Return the text and the rules of a recipe that is given as text or as a file.

    Raises UsageInvalid with all errors.
    """
    try:
        text = recipe_text(source)
        return text, RecipeRules.parse(text)
    except ConfigurationInvalid as fault:
        raise UsageInvalid(str(fault)) from fault


def recipe_text(source: str) -> str:
    """Return the text of a recipe that is given as text or as a file.

    Raises ConfigurationInvalid with all errors of a file.
    """
    if not is_file(source):
        return source
    faults: list[str] = []
    rules = [_rule(found, faults) for found in _entries(_loaded(source), faults)]
    text = "; ".join(rules)
    if not faults:
        try:
            RecipeRules.parse(text)
        except ConfigurationInvalid as fault:
            faults.append(str(fault).removeprefix("recipe: "))
    if faults:
        raise ConfigurationInvalid(f"{source}: " + "; ".join(faults))
    return text


def _loaded(source: str) -> object:
    # Only recipes in files need it.
    import yaml  # noqa: PLC0415

    try:
        return yaml.safe_load(Path(source).read_text("utf-8"))
    except OSError as fault:
        raise ConfigurationInvalid(f"{source} cannot be read: {fault.strerror}") from fault
    except (yaml.YAMLError, ValueError) as fault:
        problem = " ".join(str(fault).split())
        raise ConfigurationInvalid(f"{source}: expected YAML in UTF-8: {problem}") from fault


def _entries(document: object, faults: list[str]) -> Iterable[object]:
    rules = document.get("rules") if isinstance(document, Mapping) else None
    if not isinstance(rules, list) or not rules or set(document) != {"rules"}:  # type: ignore[call-overload]  # a mapping
        faults.append("expected only the field rules, with a list of rules")
        return []
    return rules


def _rule(found: object, faults: list[str]) -> str:
    """Return the text of a rule; adds errors to `faults`."""
    fields = _fields(found, _RULE_FIELDS, "a rule", faults)
    if fields is None:
        return ""
    prefix, presets, ignores = fields.get("prefix"), fields.get("presets"), fields.get("ignore")
    if bool(presets) == bool(ignores):
        faults.append(f"expected either presets or ignore: true in {found}")
    name = f"[{fields['name']}]" if fields.get("name") else ""
    label = _prefix_text(prefix) if isinstance(prefix, str) else ""
    parts = presets if isinstance(presets, list) else []
    made = "ignore" if ignores else ", ".join(_preset(part, faults) for part in parts)
    return " ".join(filter(None, (name, label, "->", made)))


def _prefix_text(prefix: str) -> str:
    return prefix if prefix == "*" else Rule(Recipe(()), prefix).prefix_text


def _preset(found: object, faults: list[str]) -> str:
    """Return the text of a preset, which may be that text, a number, or a mapping."""
    if isinstance(found, str | int) and not isinstance(found, bool):
        return str(found)
    fields = _fields(found, _PRESET_FIELDS, "a preset", faults)
    if fields is None:
        return ""
    if "box" not in fields:
        faults.append(f"expected a box in {found}")
    name = f"{fields['name']}=" if "name" in fields else ""
    options = [f"{mark}{fields[option]}" for option, mark in _OPTIONS.items() if option in fields]
    edits = fields.get("edits")
    words = [str(edit) for edit in edits] if isinstance(edits, list) else []
    return ":".join([f"{name}{fields.get('box', '')}", *options, *words])


def _fields(
    found: object,
    kinds: Mapping[str, type | tuple[type, ...]],
    expected: str,
    faults: list[str],
) -> dict[str, object] | None:
    """Return the fields of a mapping that have their type; None if it is no mapping.

    Adds the other fields to `faults`.
    """
    if not isinstance(found, Mapping):
        faults.append(f"expected {expected} with fields, got {found!r}")
        return None
    right: dict[str, object] = {}
    for name, value in found.items():
        kind = kinds.get(name)
        # True and False are numbers in Python.
        if kind and isinstance(value, kind) and (isinstance(value, bool) == (kind is bool)):
            right[name] = value
        else:
            faults.append(f"expected only {', '.join(kinds)} in {expected}, got {name}: {value!r}")
    return right
