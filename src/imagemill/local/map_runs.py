"""Patch of MiniStack's Step Functions: a distributed map passes batches, and keeps none of them.

MiniStack ignores ItemBatcher, makes a child execution for each item, and keeps all of them with
their histories: 5 kB of JSON for each original of a backfill, which is also copied at each save.
"""

import contextvars
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from typing import Any

_LOGGER = logging.getLogger("imagemill.map_runs")
# Most items of a batch. A template may permit more, but new uploads wait behind all that is sent.
_MAX_ITEMS = 10
Item = dict[str, Any]


def batch_items(states: Any, s3: Any) -> None:  # noqa: ANN401  # modules of MiniStack, which have no types
    """Replace the function that runs a distributed map. Call it once."""
    run_single_items = states._run_distributed_map

    # MiniStack's signature. The values are any JSON.
    def run(  # noqa: PLR0913, PLR0917
        state: Item,
        given: Any,  # noqa: ANN401
        effective: Any,  # noqa: ANN401
        processor: Item,
        execution: Item,
        context: Item,
    ) -> tuple[Any, str | None]:
        if not {"ItemReader", "ItemBatcher"} <= state.keys():
            single: tuple[Any, str | None] = run_single_items(
                state, given, effective, processor, execution, context
            )
            return single
        items = _items(states, s3, state["ItemReader"], effective, context)
        selected = (_selected(states, state, effective, context, item) for item in items)
        size = min(_MAX_ITEMS, state["ItemBatcher"].get("MaxItemsPerBatch", _MAX_ITEMS))
        work = _Work(selected, size)
        child = _child(states, processor, execution, context)
        _run_all(work, child, state.get("MaxConcurrency") or 1)
        work.check(state.get("ToleratedFailurePercentage", 0), states._ExecutionError)
        output = states._apply_result_path(state, given, [])
        return states._apply_output_path(state, output, context), states._next_or_end(state)

    states._run_distributed_map = run


@dataclass
class _Work:
    """The batches that are left, and the numbers of those that were run and that failed."""

    items: Iterator[Item]
    size: int
    done: int = 0
    failed: int = 0
    lock: Lock = field(default_factory=Lock)

    def take(self) -> list[Item]:
        """Return the next items; empty at the end."""
        with self.lock:
            return list(islice(self.items, self.size))

    def end(self, *, failed: bool) -> None:
        """Count a batch."""
        with self.lock:
            self.done += 1
            self.failed += failed

    def check(self, tolerated_percent: float, error: Callable[[str, str], Exception]) -> None:
        """Raise an error of the state if too many batches have failed."""
        if self.failed * 100 > tolerated_percent * self.done:
            raise error("States.ExceedToleratedFailureThreshold", f"{self.failed} batches failed")


def _items(states: Any, s3: Any, reader: Item, effective: Any, context: Item) -> Iterator[Item]:  # noqa: ANN401  # as above
    """Yield the items of a reader; of a bucket, only the keys are held in memory."""
    given = states._resolve_params_obj(reader.get("Parameters", {}), effective, context)
    bucket = s3._buckets.get(given.get("Bucket"))
    if bucket is None or not reader.get("Resource", "").endswith("s3:listObjectsV2"):
        yield from states._read_map_items(reader, effective, context)
        return
    prefix = given.get("Prefix", "")
    for key in sorted(key for key in bucket["objects"] if key.startswith(prefix)):
        found = bucket["objects"].get(key)
        if found is not None:
            yield {
                "Etag": found.get("etag", ""),
                "Key": key,
                "LastModified": states._epoch_seconds(found.get("last_modified")),
                "Size": found.get("size", 0),
                "StorageClass": found.get("storage_class") or "STANDARD",
            }


def _selected(states: Any, state: Item, effective: Any, context: Item, item: Item) -> Item:  # noqa: ANN401  # as above
    """Return the input for one item, as ItemSelector of the map makes it."""
    if "ItemSelector" not in state:
        return item
    around = {**context, "Map": {"Item": {"Value": item}}}
    made: Item = states._resolve_params_obj(state["ItemSelector"], effective, around)
    return made


def _child(states: Any, processor: Item, execution: Item, context: Item) -> Callable[[Item], None]:  # noqa: ANN401  # as above
    """Return a function that runs a child execution, whose history is forgotten at its end."""

    def run(batch: Item) -> None:
        child = {**execution, "events": [], "mockAttempts": {}}
        states._run_sub_machine(
            processor["States"], processor["StartAt"], batch, child, dict(context)
        )

    return run


def _run_all(work: _Work, run: Callable[[Item], None], at_once: int) -> None:
    def run_batches() -> None:
        while items := work.take():
            try:
                run({"Items": items})
            except Exception as fault:  # noqa: BLE001  # the map counts failures of any kind
                _LOGGER.warning("a batch failed: %s", fault)
                work.end(failed=True)
            else:
                work.end(failed=False)

    with ThreadPoolExecutor(at_once) as pool:
        # MiniStack reads account and region from context variables, which threads do not inherit.
        ends = [pool.submit(contextvars.copy_context().run, run_batches) for _ in range(at_once)]
    for end in ends:
        end.result()
