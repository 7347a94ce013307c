import pytest

from imagemill.config import (
    DEFAULT_MEMORY_MB,
    Adoption,
    ApiSettings,
    ResizeSettings,
    StackNames,
)
from imagemill.errors import ConfigurationInvalid
from imagemill.recipe_rules import RecipeRules
from imagemill.wiring.transform_function import TransformSettings

NAMES = {
    "IMAGEMILL_ORIGINALS_BUCKET": "o",
    "IMAGEMILL_PROCESSED_BUCKET": "p",
    "IMAGEMILL_TABLE": "t",
}


def test_missing_variables_have_defaults() -> None:
    settings = ResizeSettings.read(NAMES)

    assert settings == ResizeSettings(
        adoption=None,
        names=StackNames("o", "p", "t"),
        recipes=RecipeRules.parse("500"),
        max_bytes=104_857_600,
        max_pixels=200_000_000,
        max_frames=1_000,
        max_attempts=4,
        event_bus="",
        deployments_table="",
        variants_table="",
        memory_mb=DEFAULT_MEMORY_MB,
        jpeg_sandbox=True,
        camera_raw=False,
        queue_url="",
        retry_s=720,
        archives=False,
    )


def test_variables_override_the_defaults() -> None:
    settings = ResizeSettings.read(
        NAMES | {"IMAGEMILL_RECIPE": "64:cover", "IMAGEMILL_MAX_PIXELS": "9"}
    )

    assert (str(settings.recipes), settings.max_pixels) == ("64=64x64:cover:keep", 9)


@pytest.mark.parametrize(("text", "expected"), [("true", True), ("false", False)])
def test_the_sandbox_can_be_switched_on_and_off(text: str, expected: bool) -> None:
    settings = ResizeSettings.read(NAMES | {"IMAGEMILL_JPEG_SANDBOX": text})

    assert settings.jpeg_sandbox is expected


@pytest.mark.parametrize("kind", [ResizeSettings, ApiSettings])
def test_camera_raw_files_are_read_only_if_switched_on(
    kind: type[ResizeSettings] | type[ApiSettings],
) -> None:
    on = kind.read(NAMES | {"IMAGEMILL_CAMERA_RAW": "true"})

    assert (kind.read(NAMES).camera_raw, on.camera_raw) == (False, True)


def test_a_switch_accepts_only_true_or_false() -> None:
    with pytest.raises(ConfigurationInvalid, match=r"true or false for .+, got 'off'"):
        ResizeSettings.read(NAMES | {"IMAGEMILL_JPEG_SANDBOX": "off"})


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


def test_the_api_allows_every_origin_by_default() -> None:
    settings = ApiSettings.read(NAMES)

    assert settings.cors_origin == "*"


def test_the_settings_of_transforms_are_read() -> None:
    environ = NAMES | {
        "IMAGEMILL_VARIANTS_TABLE": "v",
        "IMAGEMILL_WIDTHS": "100, 200",
        "IMAGEMILL_IIIF_PROFILE": "level0",
    }

    settings = TransformSettings.read(environ)

    assert (settings.variants_table, settings.widths) == ("v", (100, 200))
    assert settings.iiif_profile == "level0"


def test_transforms_have_defaults_except_for_the_table() -> None:
    settings = TransformSettings.read(NAMES | {"IMAGEMILL_VARIANTS_TABLE": "v"})

    assert (settings.widths, settings.iiif_profile) == ((), "level2")


def test_all_faults_of_the_settings_of_transforms_are_named() -> None:
    environ = NAMES | {"IMAGEMILL_WIDTHS": "1,x", "IMAGEMILL_IIIF_PROFILE": "level1"}

    with pytest.raises(ConfigurationInvalid) as raised:
        TransformSettings.read(environ)

    names = ("IMAGEMILL_VARIANTS_TABLE", "IMAGEMILL_WIDTHS", "level0 or level2")
    assert all(name in str(raised.value) for name in names)


def test_the_filter_belongs_to_an_existing_bucket_only() -> None:
    parts = {"IMAGEMILL_ORIGINALS_PREFIX": "in/", "IMAGEMILL_ORIGINALS_SUFFIXES": ".jpg"}

    own = ResizeSettings.read(NAMES | parts)
    adopted = ResizeSettings.read(NAMES | parts | {"IMAGEMILL_ORIGINALS": "adopted"})

    assert own.adoption is None
    assert adopted.adoption == Adoption("in/", ".jpg")


def test_the_api_may_write_unless_it_is_told_otherwise() -> None:
    assert ApiSettings.read(NAMES).write_originals
    assert not ApiSettings.read(NAMES | {"IMAGEMILL_WRITE_ORIGINALS": "false"}).write_originals
