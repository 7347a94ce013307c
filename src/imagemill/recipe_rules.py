"""The rules of a stack: which originals get which recipe, by the beginning of their keys.

    500                                          the same recipe for all originals
    avatars/ -> thumb=64x64:cover:webp; * -> 500 another one for keys that begin with avatars/
    raw/ -> ignore; * -> 500                     originals that are left alone
    [hero] -> 2000:avif; * -> 500                a recipe that an upload chooses by name

Rules are separated by semicolons. A rule is `[NAME] PREFIX -> PRESETS`, with a name, a prefix or
both; `→` may stand for `->`, and `ignore` for the presets. Of several prefixes of a key the longest
counts; `*` is the prefix of all keys. Special characters of a prefix are percent-encoded.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from typing import Self
from urllib.parse import quote, unquote

from imagemill.dataclass import dataclass
from imagemill.errors import ConfigurationInvalid
from imagemill.recipe import DEFAULT_RECIPE, Recipe

# Longest text, in bytes. The environment of a function has 4 KB (source: "Lambda quotas"), of which
# the other variables take up to 1.6 KB with the longest names of stacks and buckets.
MAX_TEXT_BYTES = 2_000
RULE_NAME = r"[a-z0-9][a-z0-9_-]{0,31}"
_IGNORE = "ignore"
_ALL = "*"
_ARROW = "->"
_RULE = re.compile(r"(?:\[(?P<name>[^\]]*)\])?(?P<prefix>.*)(?:->|→)(?P<presets>.*)", re.DOTALL)
# Characters of a prefix that its text contains as they are.
_PLAIN_CHARACTERS = "/!$&'()+,:=@"


@dataclass(frozen=True, slots=True)
class Rule:
    """A recipe, and the originals that get it; without presets they are ignored.

    `prefix` is the beginning of their keys, None if only uploads that choose the rule get it.
    `name` is the one by which an upload chooses it, empty if none can.
    """

    recipe: Recipe
    prefix: str | None = ""
    name: str = ""

    @property
    def ignores(self) -> bool:
        """Whether originals get neither renditions nor a record."""
        return not self.recipe.presets

    def __str__(self) -> str:
        """Return the canonical text."""
        return f"{self.label} {_ARROW} {self.recipe if not self.ignores else _IGNORE}"

    @property
    def label(self) -> str:
        """Name and prefix as the rule writes them."""
        name = f"[{self.name}]" if self.name else ""
        return " ".join(filter(None, (name, self.prefix_text)))

    @property
    def prefix_text(self) -> str:
        """The prefix as a rule writes it; empty if there is none."""
        if self.prefix is None:
            return ""
        return quote(self.prefix, safe=_PLAIN_CHARACTERS) or _ALL


@dataclass(frozen=True, slots=True)
class RecipeRules:
    """All rules of a stack; exactly one has the prefix of all keys."""

    rules: tuple[Rule, ...]

    @classmethod
    def plain(cls, recipe: Recipe) -> Self:
        """Return the one rule by which all originals get the same recipe."""
        return cls((Rule(recipe),))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read rules, or one recipe for all; raises ConfigurationInvalid with all errors."""
        if not _has_rules(text):
            return cls.plain(Recipe.parse(text))
        faults: list[str] = []
        parts = [part.strip() for part in text.split(";") if part.strip()]
        rules = [rule for part in parts if (rule := _parse_rule(part, faults))]
        faults += _faults_of_the_whole(text, rules)
        if faults:
            raise ConfigurationInvalid("recipe: " + "; ".join(faults))
        return cls(tuple(rules))

    @property
    def hash(self) -> str:
        """16 hexadecimal digits that change if and only if an image may get another result."""
        if self.is_plain:
            return self.rules[0].recipe.hash
        return hashlib.sha256(str(self).encode()).hexdigest()[:16]

    @property
    def is_plain(self) -> bool:
        """Whether all originals get the same recipe."""
        return self.rules == (Rule(self.rules[0].recipe),)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that an upload can choose, in their order."""
        return tuple(rule.name for rule in self.rules if rule.name)

    @property
    def presets(self) -> frozenset[str]:
        """The names of the presets of all rules."""
        return _preset_names(self.rules)

    def rule_of(self, key: str, chosen: str = "") -> Rule:
        """Return the rule of an original; `chosen` is the name that its upload chose.

        A name that no rule has counts as none, and an ignored prefix is ignored with any name.
        """
        by_prefix = max(self._with_prefix_of(key), key=lambda rule: len(rule.prefix or ""))
        if by_prefix.ignores or not chosen:
            return by_prefix
        return next((rule for rule in self.rules if rule.name == chosen), by_prefix)

    def recipe_of(self, key: str, chosen: str = "") -> Recipe:
        """Return the recipe of an original; it has no presets if the original is ignored."""
        return self.rule_of(key, chosen).recipe

    def is_ignored(self, key: str) -> bool:
        """Return whether an original gets neither renditions nor a record."""
        return self.rule_of(key).ignores

    def presets_of(self, key: str) -> frozenset[str]:
        """Return the names of the presets that versions of an original may get, by any choice."""
        rule = self.rule_of(key)
        return _preset_names([rule, *(one for one in self.rules if one.name and not rule.ignores)])

    def __str__(self) -> str:
        """Return the canonical text: rules sorted by prefix, with all options of each preset."""
        if self.is_plain:
            return str(self.rules[0].recipe)
        ordered = sorted(self.rules, key=lambda rule: (rule.prefix or "", rule.name))
        return "; ".join(map(str, ordered))

    def _with_prefix_of(self, key: str) -> Iterable[Rule]:
        return (
            rule for rule in self.rules if rule.prefix is not None and key.startswith(rule.prefix)
        )


def _has_rules(text: str) -> bool:
    return any(mark in text for mark in (_ARROW, "→", ";"))


def _preset_names(rules: Iterable[Rule]) -> frozenset[str]:
    return frozenset(preset.name for rule in rules for preset in rule.recipe.presets)


def _parse_rule(text: str, faults: list[str]) -> Rule | None:
    """Read one rule; adds errors to `faults`, and returns None if it has no arrow."""
    match = _RULE.fullmatch(text)
    if match is None:
        faults.append(f"expected a rule such as avatars/ -> 64x64:cover, got {text!r}")
        return None
    prefix = _parse_prefix(match["prefix"].strip(), faults)
    name = (match["name"] or "").strip()
    label = name if prefix is None else prefix or _ALL
    if match["name"] is not None and not re.fullmatch(RULE_NAME, name):
        faults.append(
            f"expected a name of a-z, 0-9, - and _ in [], at most 32 characters long, got {name!r}"
        )
    if prefix is None and not name:
        faults.append(f"expected a prefix, {_ALL} or a [name] before the arrow in {text!r}")
    rule = Rule(_parse_presets(match["presets"].strip(), label, faults), prefix, name)
    if rule.ignores and name:
        faults.append(f"expected no name for {label!r}, whose originals are ignored")
    return rule


def _parse_prefix(text: str, faults: list[str]) -> str | None:
    if not text:
        return None
    if text == _ALL:
        return ""
    if _ALL in text:
        faults.append(f"expected a prefix such as avatars/ without {_ALL}, got {text!r}")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        faults.append(f"expected UTF-8 in the percent-encoded prefix {text!r}")
        return text


def _parse_presets(text: str, label: str, faults: list[str]) -> Recipe:
    """Read the presets of a rule; a recipe without presets if it ignores, or has errors."""
    if text == _IGNORE:
        return Recipe(())
    try:
        return Recipe.parse(text)
    except ConfigurationInvalid as fault:
        faults.append(f"in {label!r}: {str(fault).removeprefix('recipe: ')}")
        # Not empty, so that the rule does not count as one that ignores.
        return DEFAULT_RECIPE


def _faults_of_the_whole(text: str, rules: list[Rule]) -> list[str]:
    faults = []
    length = len(text.encode())
    if length > MAX_TEXT_BYTES:
        faults.append(f"expected at most {MAX_TEXT_BYTES} bytes, got {length}")
    prefixes = Counter(rule.prefix for rule in rules if rule.prefix is not None)
    names = Counter(rule.name for rule in rules if rule.name)
    faults += [
        f"expected one rule for {label or _ALL!r}, got {count}"
        for label, count in [*prefixes.items(), *names.items()]
        if count > 1
    ]
    if "" not in prefixes:
        faults.append(f"expected a rule for all other originals, such as {_ALL} -> 500")
    return faults


DEFAULT_RULES = RecipeRules.plain(DEFAULT_RECIPE)
