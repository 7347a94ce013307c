"""The example with S3 only, as its page says."""

import os
import subprocess
from pathlib import Path

import boto3
from fakes.images import jpeg
from live.stack import TIMEOUT_S, Stack

SCRIPT = Path(__file__).parents[2] / "examples/s3/start.sh"


def lines_of(folder: Path, variables: dict[str, str]) -> list[str]:
    """Run the example until it ends, and return the lines of its output, sorted after the first."""
    done = subprocess.run(
        ["/bin/sh", str(SCRIPT), str(folder)],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, *others = done.stdout.splitlines()
    return [first, *sorted(others)]


def test_new_files_are_uploaded_and_the_events_of_their_images_are_printed(
    stack: Stack, session: boto3.Session, variables: dict[str, str], tmp_path: Path
) -> None:
    photo = tmp_path / "sync/été 2026/a.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(jpeg(900, 600))
    (tmp_path / "sync/notes.txt").write_text("no image")

    first = lines_of(tmp_path, variables)
    again = lines_of(tmp_path, variables)
    photo.write_bytes(jpeg(600, 900))
    changed = lines_of(tmp_path, variables)

    assert first == [
        "2 files uploaded",
        "Image ready: sync/été 2026/a.jpg  500 500×333, thumb 100×100",
        "Image rejected: sync/notes.txt  the bytes are not a known kind of image",
    ]
    assert again == ["0 files uploaded"]
    assert changed == [
        "1 files uploaded",
        "Image ready: sync/été 2026/a.jpg  500 333×500, thumb 100×100",
    ]
    bus = session.client("events", endpoint_url=stack.address.endpoint)
    assert bus.list_rules(NamePrefix="imagemill-sync-")["Rules"] == []
    queues = stack.sqs.list_queues(QueueNamePrefix="imagemill-sync-")
    assert queues.get("QueueUrls", []) == []
