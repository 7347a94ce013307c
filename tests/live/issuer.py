"""An issuer of tokens on this machine, as a web server, and a real one with the same keys."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from fakes.issuer import FakeIssuer, private_rsa_key

# Interval in which the server notices its end, in seconds.
_POLL_S = 0.01
_SOURCE = Path(__file__).with_name("oidc")
_INSTALLED = Path(__file__).parents[2] / ".tools" / "oidc"


class RunningIssuer(FakeIssuer):
    """A fake issuer that serves its documents."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_port
        super().__init__(f"http://127.0.0.1:{self.port}")

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve inside the context."""
        thread = Thread(target=self._server.serve_forever, args=(_POLL_S,))
        thread.start()
        try:
            yield
        finally:
            self._stop(thread)

    @contextmanager
    def replaced(self, *pages: str) -> Iterator[None]:
        """Run a certified server with the same URL and keys; `pages` may sign in its users."""
        self._server.shutdown()
        self._server.server_close()
        settings = {"issuer": self.url, "keys": [private_rsa_key("r")], "pages": pages}
        node = shutil.which("node")
        assert node
        command = [node, str(installed_provider()), str(self.port)]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps(settings))
            process.stdin.close()
            try:
                assert process.stdout.readline() == "listening\n"
                yield
            finally:
                process.terminate()
                process.wait()
                self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
                Thread(target=self._server.serve_forever, args=(_POLL_S,)).start()

    def _stop(self, thread: Thread) -> None:
        self._server.shutdown()
        self._server.server_close()
        thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(issuer.fetch(issuer.url + self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        return Handler


@contextmanager
def issuer_running() -> Iterator[RunningIssuer]:
    """Serve the documents of an issuer at its URL."""
    issuer = RunningIssuer()
    with issuer.serving():
        yield issuer


def installed_provider() -> Path:
    """Install the packages of the certified server at their locked versions; return its program."""
    lock = _INSTALLED / "package-lock.json"
    source = _SOURCE / "package-lock.json"
    if not lock.exists() or lock.read_bytes() != source.read_bytes():
        shutil.rmtree(_INSTALLED, ignore_errors=True)
        shutil.copytree(_SOURCE, _INSTALLED)
        lock.unlink()
        shutil.copy(source, lock)
        npm = shutil.which("npm")
        assert npm
        subprocess.run(
            [npm, "ci", "--ignore-scripts", "--silent", "--no-audit", "--no-fund"],
            cwd=_INSTALLED,
            check=True,
        )
    shutil.copy(_SOURCE / "provider.mjs", _INSTALLED)
    return _INSTALLED / "provider.mjs"
