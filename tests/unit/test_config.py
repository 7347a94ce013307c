import pytest

from imagemill.config import ApiSettings, Places, ResizeSettings
from imagemill.errors import ConfigurationInvalid
from imagemill.recipe import Recipe

PLACES = {
    "IMAGEMILL_ORIGINALS_BUCKET": "o",
    "IMAGEMILL_PROCESSED_BUCKET": "p",
    "IMAGEMILL_TABLE": "t",
}


def test_what_is_not_set_has_a_default() -> None:
    settings = ResizeSettings.read(PLACES)

    assert settings == ResizeSettings(
        Places("o", "p", "t"), Recipe.parse("500"), 104_857_600, 100_000_000, 1_000, 4, "", 1_769
    )


def test_what_is_set_counts() -> None:
    settings = ResizeSettings.read(
        PLACES | {"IMAGEMILL_RECIPE": "64:cover", "IMAGEMILL_MAX_PIXELS": "9"}
    )

    assert (str(settings.recipe), settings.max_pixels) == ("64=64x64:cover:keep", 9)


def test_all_faults_are_reported_together() -> None:
    environ = {"IMAGEMILL_MAX_BYTES": "-1", "IMAGEMILL_RECIPE": "huge", "IMAGEMILL_TABLE": "t"}

    with pytest.raises(ConfigurationInvalid) as caught:
        ResizeSettings.read(environ)

    assert str(caught.value).split("; ") == [
        "expected IMAGEMILL_ORIGINALS_BUCKET to be set",
        "expected IMAGEMILL_PROCESSED_BUCKET to be set",
        (
            "IMAGEMILL_RECIPE: recipe: expected a box such as 500, 800x600, 800x or x600 "
            "for 'huge', got 'huge'"
        ),
        "expected a positive integer for IMAGEMILL_MAX_BYTES, got '-1'",
    ]


def test_the_api_answers_every_origin_unless_told_otherwise() -> None:
    settings = ApiSettings.read(PLACES)

    assert settings.cors_origin == "*"
