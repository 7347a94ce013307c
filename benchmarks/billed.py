"""Measure the CPU time per image, by format, size and recipe, and calculate the wait for AWS.

    python -m benchmarks.billed --files ../photos

Writes costs/durations.json, which `imagemill cost` and `imagemill backfill` calculate with: the
measurements, and a model fitted to them. The handler runs as deployed, warm, on one core, as in
`function.py`. The figure is the CPU time of a batch, because other load changes it less than wall
time, and the lowest of all rounds. The wait is the sum of AWS's latencies in `latency.py`. Lambda
bills both, as `function.py` shows on an idle machine. Photos come from a folder, or else from
packages as in `corpus.py`, and are scaled to each size.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from random import Random
from statistics import linear_regression, mean

from PIL import Image

from benchmarks import corpus
from benchmarks.billed_cases import Case, cases
from benchmarks.billed_files import (
    GIF,
    MEASURED_FORMATS,
    MOVING_FROM,
    WRITTEN_FROM,
    Files,
    scaled,
)
from benchmarks.fit import fit
from benchmarks.function import HERE, Cloud, Worker, cloud, python_worker
from benchmarks.latency import BYTES_PER_S, DYNAMODB_S, EVENTS_S, GET_S, PUT_S
from benchmarks.page import machine
from imagemill.costs.durations import (
    CORE_MB,
    DurationModel,
    LinearFit,
    Point,
    duration_model,
    measured,
)
from imagemill.imaging import probe, render
from imagemill.imaging.encode import encode
from imagemill.imaging.encode_jpeg import make_samples
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import Plan, WebFormat, make_plans
from imagemill.imaging.still import Still
from imagemill.preset import MAX_EFFORT
from imagemill.recipe import Recipe

_OUT = HERE.parent / "src" / "imagemill" / "costs" / "durations.json"
# Longest side, px, of the image that is encoded with every effort.
_ENCODED_SIDE = 1024
# Renditions whose bytes are measured: sides in px of every format.
_SIDES = (250, 500, 1000, 2000)
_WRITTEN: tuple[WebFormat, ...] = ("jpeg", "png", "webp", "avif", "jxl")
# The same of animations.
_MOVING_SIDES = (160, 320, 500, 800)
_WRITTEN_MOVING: tuple[WebFormat, ...] = ("gif", "webp", "avif")


def measure(files: Files, wanted: Sequence[Case], rounds: int, core: int) -> dict[Case, float]:
    """Return the lowest CPU time per image of each case, in ms.

    In each round every recipe has a worker of its own, in shuffled order.
    """
    took: dict[Case, list[float]] = {case: [] for case in wanted}
    with cloud(core) as place:
        for recipe in _shuffled({case.recipe for case in wanted}, rounds):
            cases_of = [case for case in wanted if case.recipe == recipe]
            for case, ms in _measured(place, files, cases_of, core):
                took[case].append(ms)
    return {case: min(each) for case, each in took.items() if each}


def _shuffled(recipes: Collection[str], rounds: int) -> Iterator[str]:
    """Yield every recipe once in each round."""
    for at in range(rounds):
        yield from Random(at).sample(sorted(recipes), len(recipes))  # noqa: S311 - repeatable


def _measured(
    place: Cloud, files: Files, wanted: Sequence[Case], core: int
) -> Iterator[tuple[Case, float]]:
    """Yield the CPU time per image of cases with one recipe, in ms, after an image to warm up.

    Leaves out a case whose batch did not complete, because the machine was too busy.
    """
    with _worker(place, wanted[0].recipe, core) as worker:
        for case in wanted:
            originals = files[case.format, case.megapixels, case.frames]
            try:
                worker.work(place.put(originals[:1]))
                yield case, worker.work(place.put(originals)).cpu_ms / len(originals)
            except RuntimeError as fault:
                print(f"{case}: {fault}", file=sys.stderr)  # noqa: T201 - a command


def _worker(place: Cloud, recipe: str, core: int) -> Worker:
    environment = place.environment | {"IMAGEMILL_RECIPE": recipe, "IMAGEMILL_CAMERA_RAW": "true"}
    return Worker(python_worker("imagemill"), environment, {core})


def _wait(files: Files) -> LinearFit:
    """Return the wait of a batch that no rendering overlaps: the calls of one image in sequence."""
    jpegs = [
        (size, each) for (kind, size, _), some in files.items() if kind == "jpeg" for each in some
    ]
    per_megapixel = mean(len(data) / megapixels for megapixels, data in jpegs)
    calls_s = DYNAMODB_S + GET_S + PUT_S + DYNAMODB_S + EVENTS_S
    return LinearFit(round(1e3 * calls_s, 1), round(1e3 * per_megapixel / BYTES_PER_S, 2))


def _bytes(files: Files, known: Collection[WebFormat]) -> dict[WebFormat, LinearFit]:
    """Return the mean bytes of renditions of other formats as lines over their megapixels."""
    sources = dict.fromkeys(_WRITTEN, files[WRITTEN_FROM]) | {"gif": files[GIF]}
    return {to: _bytes_of(to, sources[to], _SIDES) for to in sources if to not in known}


def _frame_bytes(animation: bytes, known: Collection[WebFormat]) -> dict[WebFormat, LinearFit]:
    """Return the same for each frame of animations in other formats."""
    frames = MOVING_FROM[-1]
    lines = {
        to: _bytes_of(to, [animation], _MOVING_SIDES) for to in _WRITTEN_MOVING if to not in known
    }
    return {
        to: LinearFit(round(line.base / frames), round(line.slope / frames))
        for to, line in lines.items()
    }


def _bytes_of(to: WebFormat, originals: Sequence[bytes], sides: Sequence[int]) -> LinearFit:
    named = "" if to == "gif" else f":{to}"
    recipe = Recipe.parse(", ".join(f"{side}{named}" for side in sides))
    made = [each for data in originals for each in render(data, recipe).renditions]
    line = linear_regression(
        [each.width * each.height / 1e6 for each in made], [len(each.data) for each in made]
    )
    return LinearFit(round(max(0.0, line.intercept)), round(line.slope))


def _efforts(
    photo: bytes, rounds: int, known: Collection[WebFormat]
) -> dict[WebFormat, Sequence[float]]:
    """Return the CPU time of other encoders by effort, relative to that without an effort."""
    return {to: _efforts_of(to, photo, rounds) for to in _WRITTEN if to not in known}


def _efforts_of(to: WebFormat, photo: bytes, rounds: int) -> list[float]:
    plan = make_plans(probe(photo), Recipe.parse(f"{_ENCODED_SIDE}:{to}"))[0]
    with Image.open(BytesIO(photo)) as image:
        still: Still = image.convert("RGB").resize((plan.size.width, plan.size.height))
    still = make_samples(still, plan) if to == "jpeg" else still
    plans = [replace(plan, effort=effort) for effort in (None, *range(MAX_EFFORT + 1))]
    took = [min(_encode_s(still, each) for _ in range(rounds)) for each in plans]
    return [round(each / took[0], 3) for each in took[1:]]


def _encode_s(still: Still, plan: Plan) -> float:
    started = time.process_time()
    encode(still, plan, plan.quality, OutputTags(), sandboxed=True)
    return time.process_time() - started


def _known() -> dict[Case, float]:
    """Return the measurements of the package."""
    found = measured()
    return {
        Case(point.format, point.megapixels, point.recipe, is_fitted, point.frames): point.ms
        for points, is_fitted in ((found.points, True), (found.others, False))
        for point in points
    }


def _points(took: Mapping[Case, float], *, fitted: bool) -> list[Point]:
    return [
        Point(case.format, case.megapixels, case.recipe, round(ms, 1), case.frames)
        for case, ms in took.items()
        if case.is_fitted == fitted
    ]


def _written(took: Mapping[Case, float], model: DurationModel, rounds: int) -> str:
    facts = {
        "measured": f"{datetime.now(UTC):%Y-%m-%d}",
        "command": "python -m benchmarks.billed",
        "machine": machine(),
        "images": "photos, scaled",
        "memory_mb": CORE_MB,
        "rounds": rounds,
        "wait": asdict(model.wait),
        "efforts": model.efforts,
        "coefficients": {name: round(ms, 3) for name, ms in model.coefficients.items()},
        "bytes": {kind: asdict(line) for kind, line in model.bytes.items()},
        "frame_bytes": {kind: asdict(line) for kind, line in model.frame_bytes.items()},
    }
    tables = [
        f'"{name}": [\n    {_lines(_points(took, fitted=fitted))}\n  ]'
        for name, fitted in (("points", True), ("others", False))
    ]
    head = json.dumps(facts, indent=2).removesuffix("\n}")
    return ",\n  ".join([head, *tables]) + "\n}\n"


def _lines(points: Sequence[Point]) -> str:
    return ",\n    ".join(json.dumps(_point(point)) for point in points)


def _point(point: Point) -> dict[str, object]:
    """Return a measurement as JSON; that of a still image has no number of frames."""
    facts = asdict(point)
    return facts if point.frames > 1 else {name: facts[name] for name in facts if name != "frames"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, fit, and write durations.json."""
    options = _options(arguments)
    every, known = list(cases(MEASURED_FORMATS)), _known()
    wanted = [case for case in cases(options.formats) if case not in known or not options.missing]
    with tempfile.TemporaryDirectory() as scratch:
        photos = corpus.gather(options.files, Path(scratch)).linked()
        files = scaled(photos, Path(scratch), wanted)
        took = known | measure(files, wanted, options.rounds, options.core)
        took = {case: took[case] for case in every if case in took}
        written, moving = files[WRITTEN_FROM], files[MOVING_FROM][0]
        # With --missing the formats of the package keep their figures.
        model = duration_model()
        sizes, efforts = (model.bytes, model.efforts) if options.missing else ({}, {})
        frame_sizes = model.frame_bytes if options.missing else {}
        sizes = {**sizes, **_bytes(files, sizes)}
        frame_sizes = {**frame_sizes, **_frame_bytes(moving, frame_sizes)}
        efforts = {**efforts, **_efforts(written[0], options.rounds, efforts)}
        wait = model.wait if options.missing else _wait(files)
    model = fit(_points(took, fitted=True), wait, efforts, sizes, frame_sizes)
    _OUT.write_text(_written(took, model, options.rounds), encoding="utf-8")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=Path, help="folder of photos")
    parser.add_argument(
        "--rounds", type=int, default=5, help="rounds in which each case has a turn"
    )
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument(
        "--formats",
        nargs="+",
        default=MEASURED_FORMATS,
        help="formats of originals to measure; others keep their figures",
    )
    parser.add_argument(
        "--missing",
        action="store_true",
        help="only cases without a figure, after a run on a machine that was too busy for some",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
