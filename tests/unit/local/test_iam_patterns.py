"""Wildcards of policies on the embedded AWS."""

import pytest
from ministack.core import iam_evaluator

from imagemill.local.iam_patterns import match_every_character

OBJECTS = "arn:aws:s3:::photos/*"


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch) -> object:
    """The evaluator of MiniStack with the patch, which is taken back after the test."""
    monkeypatch.setattr(iam_evaluator, "_fnmatch_compile", iam_evaluator._fnmatch_compile)
    match_every_character(iam_evaluator)
    return iam_evaluator


@pytest.mark.parametrize(
    ("resource", "pattern", "matches"),
    [
        ("arn:aws:s3:::photos/new\nline.jpg", OBJECTS, True),
        ("arn:aws:s3:::photos/\r\n", OBJECTS, True),
        ("arn:aws:s3:::photos/a.jpg", OBJECTS, True),
        ("arn:aws:s3:::photos/a\n", "arn:aws:s3:::photos/a?", True),
        ("arn:aws:s3:::photos/a\n", "arn:aws:s3:::photos/a", False),
        ("arn:aws:s3:::others/new\nline.jpg", OBJECTS, False),
        ("arn:aws:s3:::PHOTOS/a.jpg", OBJECTS, False),
    ],
)
@pytest.mark.usefixtures("iam")
def test_a_wildcard_matches_every_character(resource: str, pattern: str, *, matches: bool) -> None:
    assert iam_evaluator.fnmatch_iam_cs(resource, pattern) is matches


@pytest.mark.usefixtures("iam")
def test_actions_are_compared_without_case() -> None:
    assert iam_evaluator.fnmatch_iam("s3:getobject", "S3:Get*")
    assert not iam_evaluator.fnmatch_iam("s3:getobject", "s3:Put*")
