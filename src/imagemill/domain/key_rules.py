"""The action of a stack for an original, by its key."""

from imagemill.dataclass import dataclass
from imagemill.domain.ignored import KeyFilter
from imagemill.recipe_rules import RecipeRules


@dataclass(frozen=True, slots=True)
class KeyRules:
    """The rules of a stack, and the keys that it processes; None in a bucket of its own."""

    recipes: RecipeRules
    keys: KeyFilter | None = None

    def ignores(self, key: str) -> bool:
        """Return whether an original gets neither renditions nor a record."""
        is_filtered = self.keys is not None and not self.keys.accepts(key)
        return is_filtered or self.recipes.is_ignored(key)
