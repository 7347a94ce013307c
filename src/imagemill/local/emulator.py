"""The embedded AWS: MiniStack as a child process that ends with its parent.

The child reads the pipe from its parent. If the parent ends for any reason, the pipe closes, and
the child writes its state to disk and ends.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from imagemill.errors import SetupFailed
from imagemill.local.child import HEALTH_PATH, SAVE_PATH, UNSAVED
from imagemill.local.root_key import RootKey, root_key

HOST = "127.0.0.1"
# Browsers resolve its subdomains to loopback; each distribution has one of them.
_HOSTNAME = "localhost"
REGION = "us-east-1"
_SERVICES = (
    "apigateway,cloudformation,cloudfront,dynamodb,events,iam,lambda,logs,"
    "monitoring,s3,secretsmanager,sqs,states,sts"
)
# Longest time of a start, of a stop and of a save, in seconds; a full start takes a few.
_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 30
_SAVE_TIMEOUT_S = 60
# Seconds for each MB of the state in addition, on a busy machine; 100,000 images have 118 MB.
_STATE_S_PER_MB = 1
_OK = 200


class Emulator:
    """MiniStack on loopback with IAM enforced; its state is in the data folder."""

    def __init__(self, port: int, data_dir: Path) -> None:
        self.endpoint = f"http://{HOST}:{port}"
        self._port = port
        self.key: RootKey = root_key(data_dir)
        """Access key with all rights; each data folder has its own, which stays the same."""
        self.saved = True
        """False after it has ended without writing its whole state."""
        self._data_dir = data_dir
        self._log = data_dir / "emulator.log"
        self._scratch = data_dir / "tmp"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id of the child; 0 if there is none."""
        return self._process.pid if self._process else 0

    @property
    def alive(self) -> bool:
        """Whether the child is running."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start and wait until it answers; raises SetupFailed if it does not."""
        _require_free_port(self._port)
        self._scratch.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            # Our own module, without a shell. Its state has keys, and its objects are the user's:
            # the umask keeps both from other users.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "imagemill.local.child"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=_environment(os.environ, self._port, self._data_dir),
                start_new_session=True,
                umask=0o077,
            )
        try:
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it after it has saved its state, and kill processes that are left."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(time_limit_s(_STOP_TIMEOUT_S, self._data_dir))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.saved = process.returncode not in {UNSAVED, -signal.SIGKILL}
        _kill_group(process.pid)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _wait_until_healthy(self) -> None:
        limit_s = time_limit_s(_START_TIMEOUT_S, self._data_dir)
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if not self.alive:
                raise SetupFailed(f"the embedded AWS did not start: {self._last_words()}")
            if self._ask("GET", HEALTH_PATH, timeout_s=2) == _OK:
                return
            time.sleep(0.05)
        raise SetupFailed(f"the embedded AWS did not answer in {limit_s:.0f} s; see {self._log}")

    def save(self) -> None:
        """Make it write its state now; raises SetupFailed if that fails."""
        timeout_s = time_limit_s(_SAVE_TIMEOUT_S, self._data_dir)
        if self._ask("POST", SAVE_PATH, timeout_s) != _OK:
            raise SetupFailed(
                f"the state could not be written to {self._data_dir}: is the disk full?"
            )

    def _ask(self, method: str, path: str, timeout_s: float) -> int:
        """Send a signed request to the child; return the status, or 0 without an answer."""
        url = f"{self.endpoint}{path}"
        asked = AWSRequest(method, url)
        owner = Credentials(self.key.access_key_id, self.key.secret_access_key)
        SigV4Auth(owner, "imagemill", REGION).add_auth(asked)
        request = urllib.request.Request(url, method=method, headers=dict(asked.headers.items()))  # noqa: S310  # our own loopback
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310  # ditto
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code
        except OSError:
            return 0

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"see {self._log}"


def time_limit_s(usual_s: float, data_dir: Path) -> float:
    """Return a time limit, longer if the state in the data folder is large."""
    files = (data_dir / "state").glob("*.json")
    return usual_s + _STATE_S_PER_MB * sum(file.stat().st_size for file in files) / 1e6


def _environment(ambient: Mapping[str, str], port: int, data_dir: Path) -> dict[str, str]:
    """Return the child's environment, without the AWS settings of the user."""
    kept = {name: value for name, value in ambient.items() if not name.startswith("AWS_")}
    return kept | {
        "AUTH": "true",
        # The functions reach the embedded AWS by it.
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IMAGEMILL_DATA_DIR": str(data_dir),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "LOG_LEVEL": "INFO",
        # Heaps of glibc in each process; its default took 6 MB more, all processes together.
        "MALLOC_ARENA_MAX": "2",
        "MINISTACK_HOST": _HOSTNAME,
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(data_dir / "s3"),
        "S3_PERSIST": "1",
        "SERVICES": _SERVICES,
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(data_dir / "state"),
        "TMPDIR": str(data_dir / "tmp"),
    }


def _require_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as fault:
            raise SetupFailed(
                f"port {port} is taken: stop the program that uses it, or choose another --port"
            ) from fault


def _kill_group(leader: int) -> None:
    """Kill the workers of the functions, which are in the process group of the child."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
