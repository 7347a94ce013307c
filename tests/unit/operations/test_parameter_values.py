"""Names and values of parameters are checked before anything is built or changed."""

import pytest
from fakes.template import read_template

from imagemill.errors import UsageInvalid
from imagemill.operations.parameter_values import check_parameters

DECLARED = read_template()["Parameters"]


def refusal(**given: str) -> str:
    """Return the message for parameters that are refused."""
    with pytest.raises(UsageInvalid) as caught:
        check_parameters(DECLARED, given)
    return str(caught.value)


def test_all_wrong_names_and_values_are_told_together() -> None:
    message = refusal(Reciep="500", MaxConcurrency="1", Memory="1", Watch="yes")

    assert message == (
        "the template has no parameter Memory, Reciep; "
        "MaxConcurrency must be a whole number, 2 to 1000, got '1'; "
        "Watch must be true or false, got 'yes'"
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "OriginalsBucketName",
            "arn:aws:s3:::photos",
            "must be empty or the name of a bucket, of lower-case",
        ),
        ("OriginalsBucketName", "b" * 64, "must have at most 63 characters"),
        ("MaxPixels", "0", "must be a whole number, at least 1, got '0'"),
        ("DailyDollars", "ten", "must be a number, at least 0"),
        ("LogRetentionDays", "2", "must be 1 or 3 or 5 or 7"),
    ],
)
def test_the_expectation_is_told_in_words(name: str, value: str, expected: str) -> None:
    assert expected in refusal(**{name: value})


@pytest.mark.parametrize(("name", "value"), [("Widths", "500, 100"), ("Qualities", "50,50")])
def test_sides_and_qualities_are_ascending(name: str, value: str) -> None:
    assert f"{name} must be ascending, got '{value}'" in refusal(**{name: value})


@pytest.mark.parametrize("name", ["MaxBytes", "MaxConcurrency", "MemorySize", "ApiBurstLimit"])
def test_a_number_that_a_service_takes_whole_is_no_fraction(name: str) -> None:
    value = f"{DECLARED[name]['Default']}.5"

    assert f"{name} must be a whole number" in refusal(**{name: value})


@pytest.mark.parametrize(
    ("text", "expected"),
    [("oops", "oops"), ("avatars/ -> 64x64", "*"), ("'a/ -> 5; * -> 500'", "recipe")],
)
def test_a_recipe_with_which_the_functions_would_not_start_is_refused(
    text: str, expected: str
) -> None:
    assert expected in refusal(Recipe=text)


def test_right_values_are_accepted() -> None:
    check_parameters(
        DECLARED,
        {"DailyDollars": "0.5", "DebugSampleRate": "0.01", "EventBus": "", "Recipe": "a=500, 100"},
    )
