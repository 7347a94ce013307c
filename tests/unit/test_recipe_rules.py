import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemill.errors import ConfigurationInvalid
from imagemill.recipe import Recipe
from imagemill.recipe_rules import MAX_TEXT_BYTES, RULE_NAME, RecipeRules, Rule

TEXT = (
    "avatars/ -> thumb=64x64:cover; avatars/raw/ -> ignore; [hero] -> 2000; [b] b/ -> 9; * -> 500"
)
RULES = RecipeRules.parse(TEXT)
RECIPES = st.sampled_from([Recipe.parse(text) for text in ("500", "a=9x9:cover, 40:webp:q5")])
PREFIXES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
NAMES = st.just("") | st.from_regex(RULE_NAME, fullmatch=True)
# Every kind of rule: with a name, a prefix or both; a rule that ignores has no name.
KINDS = st.one_of(
    st.builds(Rule, RECIPES, PREFIXES, NAMES),
    st.builds(Rule, RECIPES, st.none(), NAMES.filter(bool)),
    st.builds(Rule, st.just(Recipe(())), PREFIXES),
)


@pytest.mark.parametrize(
    ("key", "chosen", "recipe"),
    [
        ("a.jpg", "", "500"),
        ("avatars", "", "500"),
        ("avatars/a.jpg", "", "thumb=64x64:cover"),
        ("b/a.jpg", "", "9"),
        ("avatars/a.jpg", "hero", "2000"),
        ("a.jpg", "b", "9"),
        ("avatars/a.jpg", "unknown", "thumb=64x64:cover"),
    ],
)
def test_the_longest_prefix_decides_unless_the_upload_chose_a_rule(
    key: str, chosen: str, recipe: str
) -> None:
    assert RULES.recipe_of(key, chosen) == Recipe.parse(recipe)


def test_an_ignored_prefix_is_ignored_with_any_name() -> None:
    assert RULES.is_ignored("avatars/raw/a.jpg")
    assert RULES.rule_of("avatars/raw/a.jpg", "hero").ignores
    assert not RULES.is_ignored("avatars/a.jpg")


def test_the_presets_of_an_original_are_those_of_its_prefix_and_of_all_names() -> None:
    assert RULES.presets_of("avatars/a.jpg") == {"thumb", "2000", "9"}
    assert RULES.presets_of("avatars/raw/a.jpg") == set()
    assert RULES.presets == {"thumb", "2000", "9", "500"}


@pytest.mark.parametrize("text", ["500", "* -> 500", "*→500", " * -> 500 ; "])
def test_one_recipe_for_all_has_the_hash_of_the_recipe(text: str) -> None:
    rules = RecipeRules.parse(text)

    assert rules.is_plain
    assert (rules.hash, str(rules)) == (Recipe.parse("500").hash, "500=500x500:inside:keep")


@pytest.mark.parametrize(
    "other",
    ["a/ -> 9; * -> 500", "b/ -> 9; * -> 501", "[n] b/ -> 9; * -> 500", "b/ -> ignore; * -> 500"],
)
def test_every_part_of_a_rule_changes_the_hash(other: str) -> None:
    assert RecipeRules.parse(other).hash != RecipeRules.parse("b/ -> 9; * -> 500").hash


def test_the_order_of_rules_and_the_arrow_change_nothing() -> None:
    one, other = RecipeRules.parse("a/ -> 9; * -> 500"), RecipeRules.parse("* → 500; a/→9;")

    assert one.hash == other.hash


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a/ -> 9", "expected a rule for all other originals, such as * -> 500"),
        ("500; a/ -> 9", "expected a rule such as avatars/ -> 64x64:cover, got '500'"),
        ("a/* -> 9; * -> 500", "expected a prefix such as avatars/ without *, got 'a/*'"),
        ("a/ -> 5O; * -> 500", "in 'a/': expected a box such as 500"),
        ("a/ -> ; * -> 500", "in 'a/': expected at least one preset"),
        ("* -> 500; * -> 9", "expected one rule for '*', got 2"),
        ("[a] x/ -> 9; [a] y/ -> 9; * -> 9", "expected one rule for 'a', got 2"),
        ("-> 9; * -> 500", "expected a prefix, * or a [name] before the arrow in '-> 9'"),
        ("[] a/ -> 9; * -> 500", "expected a name of a-z, 0-9, - and _ in []"),
        ("[Hero] -> 9; * -> 500", "at most 32 characters long, got 'Hero'"),
        ("[a] a/ -> ignore; * -> 500", "expected no name for 'a/', whose originals are ignored"),
        ("%ff/ -> 9; * -> 500", "expected UTF-8 in the percent-encoded prefix '%ff/'"),
        (f"{'a' * MAX_TEXT_BYTES} -> 9; * -> 9", f"expected at most {MAX_TEXT_BYTES} bytes"),
    ],
)
def test_an_invalid_rule_is_reported(text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        RecipeRules.parse(text)

    assert complaint in str(caught.value)


def test_all_faults_are_reported_together() -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        RecipeRules.parse("a* -> 9; -> 9; b/ -> 5O")

    assert str(caught.value).count("; ") == 3


@given(
    st.lists(KINDS, max_size=6, unique_by=(lambda rule: rule.prefix or rule.name,)).filter(
        lambda rules: (
            len({rule.name for rule in rules if rule.name})
            == sum(bool(rule.name) for rule in rules)
        )
    ),
    RECIPES,
    NAMES,
)
def test_the_canonical_text_reads_back_as_the_same_rules(
    others: list[Rule], recipe: Recipe, name: str
) -> None:
    taken = {rule.name for rule in others}
    rules = RecipeRules((*others, Rule(recipe, "", "" if name in taken else name)))

    again = RecipeRules.parse(str(rules))

    assert str(again) == str(rules)
    assert {str(rule) for rule in again.rules} == {str(rule) for rule in rules.rules}
    assert {rule.prefix for rule in again.rules} == {rule.prefix for rule in rules.rules}
