"""The tables and charts of docs/scaling.md, with the simulated burst."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from benchmarks import plot
from benchmarks.burst import OUT as MEASURED_BURST
from benchmarks.cost_tables import MILLION
from benchmarks.model.burst import Burst, Drain, Ramp, drain
from benchmarks.model.scaling import Limit, limits, ramp, upload_limits
from benchmarks.page import figure, table
from imagemill.costs.bill import statement, total
from imagemill.costs.durations import MOST_AT_ONCE, Batch, duration_model

_SETTINGS = (50, 200, 1_000)
# Uploads a second: the quota of one S3 prefix.
_RATE = 3_500.0
# Points of a simulated curve.
_STEPS = 120


def drawings() -> dict[str, str]:
    """Return the charts as SVG by file name in docs/scaling."""
    curves = {f"MaxConcurrency {most:,}": _depths(_million(most)) for most in _SETTINGS}
    title = "Messages waiting, a million uploads at 3,500 a second"
    found = {"million.svg": plot.lines(title, "s", curves)}
    facts = _burst_facts()
    for burst in facts["bursts"]:
        both = {
            "measured": list(zip(burst["moments"], burst["depths"], strict=True)),
            "simulated": list(zip(burst["moments"], _played_depths(facts, burst), strict=True)),
        }
        name = burst["name"].replace(" ", "-")
        found[f"{name}.svg"] = plot.lines(f"Messages waiting: {burst['name']}", "s", both)
    return found


def _processing() -> str:
    return _limits(limits(MILLION, duration_model()))


def _uploading() -> str:
    return _limits(upload_limits())


def _limits(found: list[Limit]) -> str:
    rows = [
        [
            figure(limit.images_per_s, 0),
            limit.quota.service,
            f"[{limit.quota.name}]({limit.quota.source})",
            f"{limit.quota.limit:,.0f} {limit.quota.unit}",
            limit.use,
        ]
        for limit in found
    ]
    return table(["images a second", "", "limit", "default", "use per image"], rows)


def _bursts() -> str:
    rows = []
    for most in _SETTINGS:
        played = _million(most)
        load = replace(
            MILLION,
            image_ms=played.billed_ms / MILLION.images,
            batch=round(MILLION.images / len(played.batches)),
        )
        rows.append(
            [
                f"{most:,}",
                _duration(played.seconds),
                figure(_deepest(played), 0),
                figure(played.workers, 0),
                figure(MILLION.images / played.seconds, 0),
                figure(total(statement(load, duration_model()).once)),
            ]
        )
    head = ["`MaxConcurrency`", "time until all are ready", "most waiting", "concurrent batches"]
    return table([*head, "images a second", "dollars"], rows)


def _checked() -> str:
    facts = _burst_facts()
    rows = []
    for burst in facts["bursts"]:
        played = _played(facts, burst)
        off = _apart(burst, played)
        rate = f"{burst['rate']:.0f} a second" if burst["rate"] else "all waiting"
        rows.append(
            [
                f"{burst['images']:,}, {rate}",
                figure(burst["seconds"], 1),
                figure(played.seconds, 1),
                f"{played.seconds / burst['seconds'] - 1:+.1%}",
                f"{max(burst['depths']):,}",
                f"{_most(burst, played):,}",
                f"{off:.1%}",
            ]
        )
    head = [
        "images",
        "measured, s",
        "simulated, s",
        "difference",
        "peak depth, measured",
        "simulated",
    ]
    told = (
        f"Measured on {facts['measured']} by `{facts['command']}`: {facts['machine']}, "
        f"{facts['cores']} cores, {facts['at_once']} concurrent batches. From "
        f"{facts['invocations_learnt_from']} earlier invocations, a batch takes "
        f"{facts['wait_ms']:.0f} ms plus {facts['image_ms']:.0f} ms per image, and the next one "
        f"starts after {facts['gap_ms']:.0f} ms."
    )
    return f"{told}\n\n{table([*head, 'mean gap of the curves, of the peak'], rows)}"


@cache
def _million(most: int) -> Drain:
    @cache
    def batch_ms(images: int) -> float:
        megapixels, memory_mb = MILLION.megapixels, MILLION.memory_mb
        return duration_model().ms(Batch(megapixels, images=images, memory_mb=memory_mb))

    return drain(Burst(MILLION.images, _RATE), ramp(most), MOST_AT_ONCE, batch_ms)


def _played(facts: dict[str, Any], burst: dict[str, Any]) -> Drain:
    def batch_ms(images: int) -> float:
        return float(facts["wait_ms"] + facts["gap_ms"] + facts["image_ms"] * images)

    coming = Burst(burst["images"], burst["rate"] or math.inf)
    at_once = Ramp(facts["at_once"], 1, facts["at_once"])
    return drain(coming, at_once, MOST_AT_ONCE, batch_ms)


def _played_depths(facts: dict[str, Any], burst: dict[str, Any]) -> list[int]:
    return _played(facts, burst).depths(burst["moments"])


def _depths(played: Drain) -> list[tuple[float, float]]:
    seconds = played.seconds
    moments = [seconds * at / _STEPS for at in range(_STEPS + 1)]
    return list(zip(moments, map(float, played.depths(moments)), strict=True))


def _deepest(played: Drain) -> int:
    return max(played.depths([float(at) for at in range(math.ceil(played.seconds) + 1)]))


def _most(burst: dict[str, Any], played: Drain) -> int:
    return max(played.depths(burst["moments"]))


def _apart(burst: dict[str, Any], played: Drain) -> float:
    """Return the mean distance of the two curves as a fraction of the peak depth."""
    pairs = zip(burst["depths"], played.depths(burst["moments"]), strict=True)
    gaps = [abs(real - model) for real, model in pairs]
    return float(sum(gaps) / len(gaps) / max(burst["depths"]))


def _duration(seconds: float) -> str:
    return f"{seconds / 60:,.1f} min"


def _burst_facts() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(MEASURED_BURST.read_text(encoding="utf-8"))
    return found


TABLES: dict[str, Callable[[], str]] = {
    "processing": _processing,
    "uploading": _uploading,
    "bursts": _bursts,
    "checked": _checked,
}
