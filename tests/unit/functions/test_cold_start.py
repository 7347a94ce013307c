"""The modules that a function loads at a cold start: counts are the same on every machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.aws_server import CannedResponse, fake_aws
from fakes.images import jpeg

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
START = {
    "resize": "import imagemill.functions.resize as f; "
    "import imagemill.wiring.resize_function as w; "
    "f.isolate(); w.resize_deps(); w.event_bus(); w.memory_budget(); f.observer(); "
    "import imagemill.functions.logs as l; l.logger()",
    "transform": "import imagemill.functions.transform as f; "
    "f.isolate(); f.transform_deps(); "
    "import imagemill.functions.logs as l; l.logger()",
    "api": "import imagemill.functions.api; "
    "import imagemill.wiring.api_function as w; w.api_deps(); "
    "import imagemill.functions.logs as l; l.logger()",
}
# Libraries that no function loads.
FOREIGN = {
    "aws_lambda_powertools",
    "boto3",
    "botocore",
    "s3transfer",
    "urllib3",
    "pydantic",
    "httpx",
    "typer",
    "rich",
    "ministack",
    "yaml",
}
# Packs JPEGs without loss: loaded when it is needed.
PACKING = {"imagemill.imaging.jxl.transcoding"}
NEVER = {
    # Images are rendered in worker processes.
    "resize": FOREIGN
    | PACKING
    | {"PIL", "pillow_heif", "imagemill.imaging.pipeline", "multiprocessing"},
    "transform": FOREIGN
    | PACKING
    | {"PIL", "pillow_heif", "imagemill.imaging.pipeline", "multiprocessing"}
    | {"imagemill.pipeline.decide", "imagemill.functions.api", "concurrent.futures"},
    "api": FOREIGN
    | PACKING
    | {
        "concurrent.futures",
        "email",
        "imagemill.aws.buckets",
        "imagemill.functions.api.models",
        "imagemill.functions.api.openapi",
        "multipart",
        "PIL",
    },
}
# Limits on loaded modules, slightly above the present counts: each of ours takes about 1 ms.
MOST = {"resize": 230, "transform": 228, "api": 200}
# Modules of the API that only some routes load.
SOME = {"concurrent.futures", "imagemill.aws.buckets", "imagemill.imaging.sniff", "multipart"}
# A request, those of SOME that it loads, and a limit on all modules after it.
REQUESTS = {
    "read": ("GET", f"/images/{'a' * 26}", set(), 202),
    "list": ("GET", "/images", {"concurrent.futures"}, 212),
    "delete": ("DELETE", f"/images/{'a' * 26}", {"imagemill.aws.buckets"}, 203),
    "upload": ("POST", "/images", SOME - {"concurrent.futures"}, 213),
    "announce": ("POST", "/uploads", {"multipart"}, 210),
}
REQUEST = """
import sys, types
method, path = sys.argv[1:]
context = types.SimpleNamespace(aws_request_id="r")
event = {"httpMethod": method, "path": path, "resource": path, "body": ""}
event["requestContext"] = {"identity": {"apiKey": "k", "apiKeyId": "i"}}
imagemill.functions.api.handler(event, context)
"""
# Modules that only other formats than JPEG need.
OTHER_FORMATS = {
    "imagemill.imaging.formats.avif",
    "imagemill.imaging.formats.bmp",
    "imagemill.imaging.formats.gif",
    "imagemill.imaging.formats.jp2",
    "imagemill.imaging.formats.tiff",
    "imagemill.imaging.formats.webp",
    "imagemill.imaging.animating",
    "imagemill.imaging.gif_encoder",
    "PIL.GifImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.WebPImagePlugin",
    "pillow_heif",
}
# Limit on all modules of a worker after its first JPEG, slightly above the present count: those of
# the function that it is a fork of, and its own.
MOST_OF_A_WORKER = 346
# A function whose worker reports its modules after an image.
FIRST_IMAGE = """
import json, sys
sys.path.append(sys.argv[2])
import imagemill.functions.resize
from imagemill.imaging import DEFAULT_LIMITS
from imagemill.imaging.worker_process import WorkerPool
from imagemill.recipe import DEFAULT_RECIPE
pool = WorkerPool("fakes.renderers:all_modules")
pool.fork()
image = open(sys.argv[1], "rb").read()
print(json.dumps(pool.render(image, DEFAULT_RECIPE, DEFAULT_LIMITS, 120, sandboxed=True).warnings))
print(json.dumps(sorted(sys.modules)))
"""


def loaded(program: str, *arguments: str, **environment: str) -> set[str]:
    """Run a program in a new process, and return the loaded modules."""
    report = "\nimport sys, json; print(); print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program + report, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=ENVIRONMENT | environment | {"PATH": os.environ["PATH"]},
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("function", START)
def test_a_function_loads_few_modules_and_no_unneeded_ones(function: str) -> None:
    modules = loaded(START[function])

    assert modules & NEVER[function] == set()
    assert len(modules) <= MOST[function]


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_loads_only_the_modules_of_its_route(name: str) -> None:
    method, path, some, most = REQUESTS[name]
    with fake_aws(CannedResponse(body=b'{"Items":[]}')) as aws:
        modules = loaded(START["api"] + REQUEST, method, path, **aws.environment)

    assert modules & SOME == some
    assert modules & NEVER["api"] <= SOME
    assert len(modules) <= most


def test_the_garbage_collector_is_on_after_loading() -> None:
    program = "import gc, imagemill.functions.resize; print(gc.isenabled())"

    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)

    assert done.stdout == b"True\n"


def test_a_first_jpeg_loads_its_modules_in_the_worker_only(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg(900, 600, orientation=6))

    done = subprocess.run(
        [sys.executable, "-c", FIRST_IMAGE, str(photo), str(Path(__file__).parents[2])],
        check=True,
        capture_output=True,
        text=True,
        env=ENVIRONMENT | {"PATH": os.environ["PATH"]},
    )

    worker, function = map(set, map(json.loads, done.stdout.splitlines()))
    assert "PIL.JpegImagePlugin" in worker
    assert worker & OTHER_FORMATS == set()
    assert len(worker) <= MOST_OF_A_WORKER
    assert function & NEVER["resize"] == set()
    assert len(function) <= MOST["resize"]
