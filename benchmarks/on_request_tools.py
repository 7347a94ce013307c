"""What makes a size of an image on its first request: handlers of functions, and servers.

Handlers are called in their process, as Lambda calls them. Servers are asked by HTTP, which takes
them about a millisecond more.
"""

import http.client
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import quote

import boto3
from botocore.config import Config

from benchmarks.function import HERE, Cloud, Turn, Worker, free_port, node_worker, python_worker
from benchmarks.peers import node_packages, python_with
from benchmarks.tools.cpu import process_cpu_s

# Longest wait for a server to start, and for its answer, s.
_PATIENCE_S = 300.0
_STEP_S = 0.05
# Names of formats in the addresses of ipx and thumbor.
_FORMATS = {"jpg": "jpeg", "webp": "webp", "avif": "avif"}


class Tool(Protocol):
    """A process that makes sizes of images."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def work(self, records: list[dict[str, Any]]) -> Turn:
        """Answer requests, all at once; raises RuntimeError if one was not answered."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One tool: how to start it on a core, and how to count its renderings.

    `renders` is a pattern for method and path of the one S3 request that each rendering makes.
    """

    start: Callable[[Cloud, int], Tool]
    renders: str


def offers() -> dict[str, Offer]:
    """Return all tools by name; installs those that are missing."""
    return {
        "imagemill": Offer(_handler(python_worker("on_request")), "PUT /processed/~t/.+"),
        "sharp": Offer(_handler(node_worker("on_request_sharp.mjs")), "PUT /processed/sharp/.+"),
        # It also asks for the object's metadata, under a key that ends in a dollar sign.
        "ipx": Offer(_ipx, r"GET /originals/.+\.jpg"),
        "thumbor": Offer(_thumbor, r"GET /originals/.+\.jpg\?.+"),
    }


def _handler(command: tuple[str, ...]) -> Callable[[Cloud, int], Tool]:
    return lambda place, core: Worker(command, place.environment, {core})


def _ipx(place: Cloud, core: int) -> Tool:
    folder = node_packages("ipx", "ipx", "unstorage", "aws4fetch")
    script = shutil.copy(HERE / "on_request_ipx.mjs", folder)
    return Server(("node", str(script)), place.environment, core, ipx_path)


def _thumbor(place: Cloud, core: int) -> Tool:
    python = python_with("thumbor", "thumbor")
    settings = str(HERE / "on_request_thumbor.conf")
    command = (python, "-m", "thumbor.server", "-i", "127.0.0.1", "-c", settings, "-p")
    return Server(command, place.environment, core, partial(thumbor_path, _signed(place)))


def _signed(place: Cloud) -> Callable[[str], str]:
    """Return a function that signs the URL of an original, because thumbor's loader does not."""
    environment = place.environment
    session = boto3.Session(
        environment["AWS_ACCESS_KEY_ID"],
        environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )
    s3 = session.client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    bucket = environment["IMAGEMILL_ORIGINALS_BUCKET"]

    def sign(key: str) -> str:
        return str(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}))

    return sign


def ipx_path(asked: dict[str, Any]) -> str:
    """Return the address of a size at ipx."""
    options = {"w": asked["width"], "f": _FORMATS[asked["extension"]], "q": asked.get("quality")}
    words = ",".join(f"{name}_{value}" for name, value in options.items() if value)
    return f"/{words}/{asked['key']}"


def thumbor_path(sign: Callable[[str], str], asked: dict[str, Any]) -> str:
    """Return the address of a size at thumbor; `sign` returns the URL of an original."""
    filters = f"format({_FORMATS[asked['extension']]})"
    if asked.get("quality"):
        filters += f":quality({asked['quality']})"
    return f"/unsafe/{asked['width']}x0/filters:{filters}/{quote(sign(asked['key']), safe='')}"


class Server:
    """A server of images, on one core; `path` returns the address of a request."""

    def __init__(
        self,
        command: Sequence[str],
        environment: dict[str, str],
        core: int,
        path: Callable[[dict[str, Any]], str],
    ) -> None:
        self._port, self._path = free_port(), path
        self._process = subprocess.Popen(  # noqa: S603 - our own commands
            [*command, str(self._port)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.sched_setaffinity(self._process.pid, {core})

    def __enter__(self) -> Self:
        end = time.monotonic() + _PATIENCE_S
        while not self._answers():
            if time.monotonic() > end or self._process.poll() is not None:
                raise RuntimeError(f"{self._process.args!r} does not listen")
            time.sleep(_STEP_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def work(self, records: list[dict[str, Any]]) -> Turn:
        """Answer requests, all at once; raises RuntimeError if one was not answered."""
        paths = list(map(self._path, records))
        cpu_s, begun = process_cpu_s(self._process.pid), time.perf_counter()
        with ThreadPoolExecutor(len(records)) as pool:
            bodies = list(pool.map(self._get, paths))
        wall_s = time.perf_counter() - begun
        used_s = process_cpu_s(self._process.pid) - cpu_s
        for record, body in zip(records, bodies, strict=True):
            if record.get("out"):
                Path(record["out"]).write_bytes(body)
        return Turn(1000 * wall_s, 1000 * used_s)

    def _get(self, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE_S)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
        return body

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=1)
        try:
            connection.connect()
        except OSError:
            return False
        connection.close()
        return True
