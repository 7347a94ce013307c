"""Measure the CPU time per image, by size, format and presets, and calculate the wait for AWS.

    python -m benchmarks.billed --files ../photos

Writes costs/durations.json, which `imagemill cost` and `imagemill backfill` calculate with. The
handler runs as deployed, warm, on one core, as in `function.py`. The figure is the CPU time of a
batch, because other load changes it less than wall time, and the lowest of all rounds. The wait is
the sum of AWS's latencies in `latency.py`. Lambda bills both, as `function.py` shows on an idle
machine. Photos come from a folder and are scaled to each size, or else are synthetic.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import mean

from PIL import Image

from benchmarks.function import HERE, Cloud, Worker, cloud, python_worker
from benchmarks.images import BASELINE, gather
from benchmarks.latency import BYTES_PER_S, DYNAMODB_S, EVENTS_S, GET_S, PUT_S
from benchmarks.page import machine
from imagemill.costs.durations import CORE_MB

_OUT = HERE.parent / "src" / "imagemill" / "costs" / "durations.json"
_MEGAPIXELS = (2, 6, 12, 24)
_RECIPES = {1: "500", 4: "800, 500, 250, 100"}
_OTHERS: dict[str, dict[str, object]] = {
    "png": {"compress_level": 6},
    "webp": {"quality": 80, "method": 2},
    "avif": {"quality": 60, "speed": 9},
    "heic": {"quality": 60},
}
_OTHER_MEGAPIXELS = (2, 12)
_PILLOW_NAMES = {"heic": "heif"}
_PHOTOS = 3
# JPEG quality that gives a scaled photo about as many bytes per pixel as a camera's.
_CAMERA_QUALITY = 95


@dataclass(frozen=True, slots=True)
class Case:
    """A format, size and number of presets to measure."""

    format: str
    megapixels: int
    presets: int


Files = dict[tuple[str, int], list[bytes]]


def cases(formats: Collection[str]) -> Iterator[Case]:
    """Yield the cases of some formats: JPEG by size and presets, the others by size."""
    for megapixels in _MEGAPIXELS if "jpeg" in formats else ():
        for presets in _RECIPES:
            yield Case("jpeg", megapixels, presets)
    for kind in _OTHERS.keys() & formats:
        for megapixels in _OTHER_MEGAPIXELS:
            yield Case(kind, megapixels, 1)


def measure(files: Files, wanted: Iterable[Case], rounds: int, core: int) -> dict[Case, float]:
    """Return the lowest CPU time per image of each case, in ms.

    The cases take turns in shuffled order; formats other than JPEG only in every third round.
    """
    took: dict[Case, list[float]] = {case: [] for case in wanted}
    with cloud(core) as place, ExitStack() as stack:
        workers = {
            presets: stack.enter_context(_worker(place, recipe, core))
            for presets, recipe in _RECIPES.items()
        }
        for worker in workers.values():
            worker.work(place.put(files["jpeg", 2]))
        for at in range(rounds):
            for case in Random(at).sample(list(took), len(took)):  # noqa: S311 - the same every time
                if case.format == "jpeg" or at % 3 == 0:
                    batch = place.put(files[case.format, case.megapixels])
                    took[case] += _image_ms(workers[case.presets], batch, case)
    return {case: min(each) for case, each in took.items()}


def _image_ms(worker: Worker, batch: list[dict[str, object]], case: Case) -> list[float]:
    """Process a batch; empty if the machine was too busy to complete it."""
    try:
        return [worker.work(batch).cpu_ms / len(batch)]
    except RuntimeError as fault:
        print(f"{case}: {fault}", file=sys.stderr)  # noqa: T201 - a command
        return []


def _worker(place: Cloud, recipe: str, core: int) -> Worker:
    environment = place.environment | {"IMAGEMILL_RECIPE": recipe}
    return Worker(python_worker("imagemill"), environment, {core})


def scaled(folder: Path | None, scratch: Path, formats: Collection[str]) -> Files:
    """Return photos in every size, as JPEG and in the given formats."""
    photos = [each.path for each in gather(folder, scratch) if each.group == BASELINE][:_PHOTOS]
    found: Files = {}
    for megapixels in _MEGAPIXELS:
        copies = [_scaled(photo, megapixels, scratch) for photo in photos]
        found["jpeg", megapixels] = [copy.read_bytes() for copy in copies] * 2
        for kind in _OTHERS.keys() & formats if megapixels in _OTHER_MEGAPIXELS else ():
            found[kind, megapixels] = [_copy(copies[0], kind, _OTHERS[kind])] * 2
    return found


def _scaled(photo: Path, megapixels: int, scratch: Path) -> Path:
    copy = scratch / f"{photo.stem}.{megapixels}.jpg"
    with Image.open(photo) as image:
        factor = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
        size = (round(image.width * factor), round(image.height * factor))
        made = image.resize(size, Image.Resampling.LANCZOS)
        made.save(copy, quality=_CAMERA_QUALITY, icc_profile=image.info.get("icc_profile"))
    return copy


def _copy(photo: Path, kind: str, options: dict[str, object]) -> bytes:
    if kind == "heic":
        from pillow_heif import register_heif_opener  # noqa: PLC0415 - an extra

        register_heif_opener()
    copy = photo.with_suffix(f".{kind}")
    with Image.open(photo) as image:
        image.save(copy, _PILLOW_NAMES.get(kind, kind), **options)
    return copy.read_bytes()


def _wait(files: Files) -> dict[str, float]:
    """Return the wait of a batch that no rendering overlaps: the calls of one image in sequence."""
    jpegs = [
        (kind[1], each) for kind, found in files.items() if kind[0] == "jpeg" for each in found
    ]
    per_megapixel = mean(len(data) / megapixels for megapixels, data in jpegs)
    calls_s = DYNAMODB_S + GET_S + PUT_S + DYNAMODB_S + EVENTS_S
    return {"base": round(1e3 * calls_s, 1), "slope": round(1e3 * per_megapixel / BYTES_PER_S, 2)}


def _order(point: tuple[Case, float]) -> tuple[int, int, int]:
    case, _ = point
    return (["jpeg", *_OTHERS].index(case.format), case.megapixels, case.presets)


def _known() -> dict[Case, float]:
    """Return the measurements of the file."""
    facts = json.loads(_OUT.read_text(encoding="utf-8")) if _OUT.exists() else {"points": []}
    return {Case(p["format"], p["megapixels"], p["presets"]): p["ms"] for p in facts["points"]}


def _written(took: dict[Case, float], wait: dict[str, float], rounds: int, images: str) -> str:
    points = [asdict(case) | {"ms": round(ms, 1)} for case, ms in sorted(took.items(), key=_order)]
    facts = {
        "measured": f"{datetime.now(UTC):%Y-%m-%d}",
        "command": "python -m benchmarks.billed",
        "machine": machine(),
        "images": images,
        "memory_mb": CORE_MB,
        "rounds": rounds,
        "wait": wait,
    }
    lines = ",\n    ".join(json.dumps(point) for point in points)
    head = json.dumps(facts, indent=2).removesuffix("\n}")
    return f'{head},\n  "points": [\n    {lines}\n  ]\n}}\n'


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write durations.json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=Path, help="folder of photos")
    parser.add_argument(
        "--rounds", type=int, default=7, help="rounds in which every case takes a turn"
    )
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument(
        "--formats",
        nargs="+",
        default=["jpeg", *_OTHERS],
        help="formats to measure; others keep their figures",
    )
    options = parser.parse_args(arguments)
    wanted = sorted(cases(options.formats), key=str)
    kept = {case: ms for case, ms in _known().items() if case not in wanted}
    with tempfile.TemporaryDirectory() as scratch:
        files = scaled(options.files, Path(scratch), options.formats)
        took = kept | measure(files, wanted, options.rounds, options.core)
    images = "photos, scaled" if options.files else "synthetic"
    written = _written(took, _wait(files), options.rounds, images)
    _OUT.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
