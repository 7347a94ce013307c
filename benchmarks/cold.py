"""Cold start: the CPU time until imports, clients and the first image are done."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.images import draw
from benchmarks.page import Section, figure, table
from benchmarks.peers import python_with

_BEFORE = "import time, sys; begun = time.process_time()\n"
_AFTER = "\nprint(1000 * (time.process_time() - begun), len(sys.modules))"
_OURS = """
from imagemill.functions.resize import handler
from imagemill.wiring import resize_function as wiring
from imagemill.functions.logs import logger
logger(); deps = wiring.resize_deps(); wiring.event_bus(); wiring.memory_budget()
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
from imagemill.imaging import render
from imagemill.imaging.fastjpeg.sandbox import prepare
is_sandboxed = prepare.cache_info().currsize > 0
render(open(sys.argv[1], "rb").read(), deps.recipe, deps.limits, sandboxed=is_sandboxed)
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
    "boto3, Powertools and Pillow": _USUAL,
    "boto3, Powertools and Pillow; with an image": _USUAL + _USUAL_IMAGE,
}
_HOW = """\
CPU time of a new process until every module is loaded and every client is created, without and
with a first image of 2 MP; median of {rounds} processes each, in turns. `decoder compiled`
compiles the sandboxed JPEG decoder at the start, because the machine code that builds for Lambda
contain is missing; `libraries` has `JpegSandbox` off. The last pair is a handler that uses these
libraries as in their documentation. Bytecode files (`.pyc`) exist for all."""
_SIZE = (1600, 1200)


def run(scratch: Path, rounds: int) -> Iterator[Section]:
    """Start the processes in turns, and yield the section of the page."""
    image = draw(scratch / "cold.jpg", _SIZE)
    usual = python_with("usual", "boto3", "aws-lambda-powertools[tracer]", "pillow")
    pythons = {name: sys.executable if "imagemill" in name else usual for name in _SCRIPTS}
    taken: dict[str, list[tuple[float, int]]] = {name: [] for name in _SCRIPTS}
    for at in range(2 * rounds + 1):
        for name in Random(at).sample(list(_SCRIPTS), len(_SCRIPTS)):  # noqa: S311 - repeatable
            once = _start(pythons[name], _SCRIPTS[name], image)
            if at:
                taken[name].append(once)
    rows = [
        [name, figure(median(ms for ms, _ in each), 0), str(each[0][1])]
        for name, each in taken.items()
    ]
    text = f"{_HOW.format(rounds=2 * rounds)}\n\n{table(['', 'CPU, ms', 'modules'], rows)}"
    yield Section("Cold start", text)


def _start(python: str, script: str, image: Path) -> tuple[float, int]:
    done = subprocess.run(  # noqa: S603 - our own scripts
        [python, "-c", _BEFORE + script + _AFTER, str(image)],
        check=True,
        capture_output=True,
        text=True,
        env=_ENVIRONMENT | {"PATH": os.environ["PATH"]},
    )
    ms, modules = done.stdout.split()[-2:]
    return float(ms), int(modules)


_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "k",
    "AWS_SECRET_ACCESS_KEY": "s",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "POWERTOOLS_SERVICE_NAME": "imagemill",
    "IMAGEMILL_ORIGINALS_BUCKET": "originals",
    "IMAGEMILL_PROCESSED_BUCKET": "processed",
    "IMAGEMILL_TABLE": "records",
    "IMAGEMILL_EVENT_BUS": "default",
}
