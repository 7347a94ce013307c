"""The dependencies of the deployed function."""

from collections.abc import Iterator

import pytest
from fakes.transform import Transforms

from imagemill.imaging.shared_file import find_file, share_memory
from imagemill.transform.deps import TransformDeps
from imagemill.wiring.transform_function import transform_deps

ENVIRONMENT = {
    "IMAGEMILL_ORIGINALS_BUCKET": "o",
    "IMAGEMILL_PROCESSED_BUCKET": "p",
    "IMAGEMILL_TABLE": "t",
    "IMAGEMILL_EVENT_BUS": "default",
    "IMAGEMILL_VARIANTS_TABLE": "v",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "k",
    "AWS_SECRET_ACCESS_KEY": "s",
}


@pytest.fixture
def deps(monkeypatch: pytest.MonkeyPatch) -> Iterator[TransformDeps]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    transform_deps.cache_clear()
    yield transform_deps()
    transform_deps.cache_clear()


def test_originals_are_read_into_the_memory_of_workers_and_found_there(deps: TransformDeps) -> None:
    assert (deps.share, deps.find) == (share_memory, find_file)


def test_records_are_kept_from_one_request_to_the_next(deps: TransformDeps) -> None:
    transforms = Transforms()
    transforms.put()
    record = transforms.pipeline.record

    deps.recent.keep(record, 0)

    assert transform_deps().recent.get(record.id, 0) == record
