"""The scan of a stack's buckets, for commands."""

from typing import Any

from imagemill.aws.scan import StackScan
from imagemill.config import StackNames


class Bucket:
    """S3 with a listing of one page."""

    def list_objects_v2(self, **_: object) -> dict[str, Any]:
        names = ("500/a.jpg", "~t/id/200x.jpg", "~o/id/0123")
        return {"Contents": [{"Key": name, "Size": 100} for name in names]}


def test_unpacked_originals_are_no_renditions() -> None:
    scan = StackScan(Bucket(), None, StackNames("originals", "processed", "table"))  # type: ignore[arg-type]  # fakes

    [page] = scan.renditions()

    assert [item.key for item in page] == ["500/a.jpg", "~t/id/200x.jpg"]
