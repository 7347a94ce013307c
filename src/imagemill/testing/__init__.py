"""Fixtures of pytest: a fake of the API, and a stack on the embedded AWS.

Use them with `pytest_plugins = ["imagemill.testing"]` in the topmost `conftest.py`.
"""

from collections.abc import Iterator

import pytest

from imagemill.testing.apis import FakeApi, StackApi, running_fake, running_stack

__all__ = ["FakeApi", "StackApi", "imagemill_fake", "imagemill_recipe", "imagemill_stack"]


@pytest.fixture(scope="session")
def imagemill_recipe() -> str:
    """Return the recipe of the fake and of the stack; define this fixture to choose another."""
    return "500"


@pytest.fixture(scope="session")
def imagemill_stack(
    imagemill_recipe: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StackApi]:
    """Run a stack on the embedded AWS, on a free port, for all tests of the session.

    It needs `imagemill[local]`. All tests share its images.
    """
    with running_stack(imagemill_recipe, tmp_path_factory.mktemp("imagemill_stack")) as api:
        yield api


@pytest.fixture(scope="session")
def _imagemill_fake(
    imagemill_recipe: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FakeApi]:
    """Run the fake for all tests of the session."""
    log = tmp_path_factory.mktemp("imagemill_fake") / "fake.log"
    with running_fake(imagemill_recipe, log) as api:
        yield api


@pytest.fixture
def imagemill_fake(_imagemill_fake: FakeApi) -> FakeApi:
    """Return a fake of the API without images; it needs `imagemill[api]`.

    It renders as the stack does, and answers as its API does, but keeps everything in memory.
    """
    _imagemill_fake.reset()
    return _imagemill_fake
