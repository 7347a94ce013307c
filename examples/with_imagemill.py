"""Run a command with the variables of a stack: `python3 with_imagemill.py COMMAND…`.

With IMAGEMILL_API in the environment, the command uses that stack. Otherwise `imagemill up` is
started for it in the folder `.imagemill`, and stopped when the command ends.

Variables of a command: IMAGEMILL_API, IMAGEMILL_API_KEY, IMAGEMILL_IMAGES_URL (the beginning of the
URLs of images on request), IMAGEMILL_ORIGINALS_BUCKET, and those of the AWS SDKs.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Two sizes that the pages of the examples show; each page can ask for others by URL.
RECIPE = os.environ.get("RECIPE", "small=320x320, large=1280x1280")
DATA = os.environ.get("IMAGEMILL_DATA", str(Path(__file__).resolve().parent / ".imagemill"))


def main(command: list[str]) -> int:
    """Run the command until it ends or Ctrl-C is pressed, and return its exit status."""
    if not command:
        raise SystemExit(__doc__)
    if os.environ.get("IMAGEMILL_API"):
        return run(command, {})
    with imagemill_up() as variables:
        return run(command, variables)


def run(command: list[str], variables: dict[str, str]) -> int:
    """Run the command with these variables, too, and return its status as a shell does."""
    with subprocess.Popen(command, env=os.environ | variables) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        # Ctrl-C in a terminal also reaches the command, which decides when to end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        status = process.wait()
    return status if status >= 0 else 128 - status


@contextmanager
def imagemill_up() -> Iterator[dict[str, str]]:
    """Run a stack on this machine, and yield its variables."""
    # The command is beside the Python that runs this file, or on the path.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    imagemill = shutil.which("imagemill", path=path)
    if imagemill is None:
        raise SystemExit("imagemill is not installed: run pip install 'imagemill[local]'")
    options = ["--port", str(unused_port()), "--data-dir", DATA, "--recipe", RECIPE, "--json"]
    # A session of its own, so that Ctrl-C stops the command first.
    with subprocess.Popen(
        [imagemill, "up", *options], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield variables_of(json.loads(line or "null"))
        finally:
            process.terminate()


def variables_of(address: dict[str, str] | None) -> dict[str, str]:
    """Return the variables of a stack, from the line that `imagemill up --json` prints."""
    if address is None:
        # `imagemill up` has told why.
        raise SystemExit(1)
    return {
        "IMAGEMILL_API": address["api_url"],
        "IMAGEMILL_API_KEY": address["api_key"],
        "IMAGEMILL_IMAGES_URL": address["images_url"],
        "IMAGEMILL_ORIGINALS_BUCKET": address["originals_bucket"],
        "AWS_ENDPOINT_URL": address["endpoint"],
        # The CLI and boto3 read the second name, the other SDKs the first.
        "AWS_REGION": address["region"],
        "AWS_DEFAULT_REGION": address["region"],
        "AWS_ACCESS_KEY_ID": address["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": address["aws_secret_access_key"],
    }


def unused_port() -> int:
    """Return a port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
