"""Cold start: the CPU time until imports, clients and the first image are done."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.images import draw
from benchmarks.page import Section, figure, table
from benchmarks.peers import FOLDER, python_with

_BEFORE = "import sys\n"
_AFTER = "\nprint(len(sys.modules))"
_OURS = """
from imagemill.functions.resize import handler, isolate
from imagemill.wiring import resize_function as wiring
from imagemill.functions.logs import logger
isolate(); logger(); deps = wiring.resize_deps(); wiring.event_bus(); wiring.memory_budget()
"""
_ON_REQUEST = """
from imagemill.functions.transform import isolate, transform_deps
from imagemill.functions.logs import logger
isolate(); logger(); deps = transform_deps()
"""
_USUAL = """
import io
import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.data_classes import SQSEvent
from PIL import Image, ImageOps
Logger(); Metrics(namespace="n"); Tracer(service="s"); BatchProcessor(EventType.SQS)
boto3.client("s3"); boto3.resource("dynamodb").Table("records"); boto3.client("events")
"""
_COMPILED = """
from imagemill.imaging.fastjpeg import machine_code
machine_code.read = machine_code.write = lambda *_: None
"""
_LIBRARIES = """
import os
os.environ["IMAGEMILL_JPEG_SANDBOX"] = "false"
"""
_OUR_IMAGE = """
deps.render(open(sys.argv[1], "rb").read(), deps.recipe, deps.limits, 60)
"""
_VARIANT = """
from imagemill.domain.image_request import ImageRequest
from imagemill.recipe import Recipe
wanted = ImageRequest.parse_key("~t/" + "a" * 26 + "/500x.jpg").preset
deps.render(open(sys.argv[1], "rb").read(), Recipe((wanted,)), deps.limits, 60)
"""
_USUAL_IMAGE = """
image = ImageOps.exif_transpose(Image.open(io.BytesIO(open(sys.argv[1], "rb").read())))
image.thumbnail((500, 500)); image.save(io.BytesIO(), "JPEG")
"""
_SCRIPTS = {
    "imagemill": _OURS,
    "imagemill; with an image": _OURS + _OUR_IMAGE,
    "imagemill, decoder compiled": _COMPILED + _OURS,
    "imagemill, decoder compiled; with an image": _COMPILED + _OURS + _OUR_IMAGE,
    "imagemill, libraries": _LIBRARIES + _OURS,
    "imagemill, libraries; with an image": _LIBRARIES + _OURS + _OUR_IMAGE,
    "imagemill, on request": _ON_REQUEST,
    "imagemill, on request; with an image": _ON_REQUEST + _VARIANT,
    "boto3, Powertools and Pillow": _USUAL,
    "boto3, Powertools and Pillow; with an image": _USUAL + _USUAL_IMAGE,
}
_NODE = ("sharp and AWS SDK on Node, bundled", "sharp and AWS SDK on Node, bundled; with an image")
_HOW = """\
CPU time of a new process from its start to its end: every module is loaded and every client is
created, without and with a first image of 2 MP; median of {rounds} processes each, in turns. For
imagemill it includes the worker process, and the modules are those of the function's process.
`decoder compiled` compiles the sandboxed JPEG decoder at the start, because the machine code that
builds for Lambda contain is missing; `libraries` has `JpegSandbox` off; `on request` is
TransformFunction, all others with this name are ResizeImageFunction. The pair with Pillow is a
handler that uses these libraries as in their documentation; that with sharp is bundled into one
file by esbuild, and has no count of modules. Bytecode files (`.pyc`) exist for all."""
_SIZE = (1600, 1200)
_PACKAGES = (
    "esbuild",
    "sharp",
    "@aws-sdk/client-s3",
    "@aws-sdk/client-dynamodb",
    "@aws-sdk/client-eventbridge",
)
# AWS's SDK has parts that call `require`, which a module does not have.
_REQUIRE = (
    'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
)
_BUNDLED = (
    "--bundle",
    "--minify",
    "--platform=node",
    "--format=esm",
    "--external:sharp",
    f"--banner:js={_REQUIRE}",
)


def run(scratch: Path, rounds: int) -> Iterator[Section]:
    """Start the processes in turns, and yield the section of the page."""
    image = draw(scratch / "cold.jpg", _SIZE)
    commands = _commands(image)
    taken: dict[str, list[tuple[float, int]]] = {name: [] for name in commands}
    for at in range(2 * rounds + 1):
        for name in Random(at).sample(list(commands), len(commands)):  # noqa: S311 - repeatable
            once = _start(commands[name])
            if at:
                taken[name].append(once)
    rows = [
        [name, figure(median(ms for ms, _ in each), 0), str(each[0][1] or "–")]
        for name, each in taken.items()
    ]
    text = _HOW.format(rounds=2 * rounds)
    yield Section("Cold start", f"{text}\n\n{table(['', 'CPU, ms', 'modules'], rows)}")


def _commands(image: Path) -> dict[str, list[str]]:
    """Return the command of each process; those on Node only where npm can install them."""
    usual = python_with("usual", "boto3", "aws-lambda-powertools[tracer]", "pillow")
    found = {
        name: _python(
            _BEFORE + script + _AFTER,
            str(image),
            python=sys.executable if "imagemill" in name else usual,
        )
        for name, script in _SCRIPTS.items()
    }
    try:
        script = str(_bundle())
    except (OSError, subprocess.SubprocessError):
        return found
    without, with_image = _NODE
    return found | {without: ["node", script], with_image: ["node", script, str(image)]}


def _python(script: str, *arguments: str, python: str = sys.executable) -> list[str]:
    return [python, "-c", script, *arguments]


def _bundle() -> Path:
    """Install sharp, the clients and esbuild once; returns the bundle, with sharp beside it."""
    folder = FOLDER / "cold"
    bundle = folder / "bundle.mjs"
    if not bundle.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}")
        _run("npm", "install", "--silent", "--prefix", str(folder), *_PACKAGES)
        source = str(shutil.copy(Path(__file__).with_name("cold_sharp.mjs"), folder))
        _run(
            str(folder / "node_modules" / ".bin" / "esbuild"),
            source,
            *_BUNDLED,
            f"--outfile={bundle}",
        )
    return bundle


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=600)  # noqa: S603


def _start(command: Sequence[str]) -> tuple[float, int]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(  # noqa: S603 - our own scripts
        command,
        check=True,
        capture_output=True,
        text=True,
        env=ENVIRONMENT | {"PATH": os.environ["PATH"]},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * cpu_s, int(done.stdout.split()[-1])


ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "k",
    "AWS_SECRET_ACCESS_KEY": "s",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "POWERTOOLS_SERVICE_NAME": "imagemill",
    "IMAGEMILL_ORIGINALS_BUCKET": "originals",
    "IMAGEMILL_PROCESSED_BUCKET": "processed",
    "IMAGEMILL_TABLE": "records",
    "IMAGEMILL_VARIANTS_TABLE": "variants",
    "IMAGEMILL_EVENT_BUS": "default",
}
