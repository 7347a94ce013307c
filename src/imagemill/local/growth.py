"""Patches of MiniStack that limit the memory it takes for each image.

MiniStack keeps a DynamoDB item as the dictionaries of its JSON: 11 kB for a record of 1.3 kB. It
also keeps every event of EventBridge, which nothing reads, and the logs of every invocation.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

# Invocations of each function whose logs stay.
_KEPT_LOGS = 200
# The stream of audit lines, to which `imagemill keys` writes, too; and a part of each line.
_AUDIT = "audit"
_AUDIT_MARK = '"message":"audit"'
# Audit lines of each function that stay.
_KEPT_AUDIT = 10_000
# The only partition keys that the running function sees; None for all.
_seen: ContextVar[Collection[Any] | None] = ContextVar("seen", default=None)
# The attributes of an item of DynamoDB, each with its type, and the items of a partition.
Item = dict[str, Any]
Partition = dict[Any, Item]


def limit_growth(dynamodb: Any, eventbridge: Any, functions: Any, logs: Any) -> None:  # noqa: ANN401  # modules of MiniStack, which have no types
    """Replace the functions of MiniStack that keep too much. Call it once."""
    dynamodb._set_item = _packing(dynamodb._set_item)
    # An event is added to a new list each time, which nothing keeps.
    eventbridge._events_log_list = list
    functions._emit_lambda_logs = _forgetting(functions._emit_lambda_logs, logs)


class PackedPartition(dict[Any, Any]):
    """The items of a partition by sort key, each kept as JSON.

    Returned items are copies. MiniStack never changes a stored item, but replaces it.
    """

    __slots__ = ()

    def __init__(self, items: Partition) -> None:
        super().__init__()
        for key, item in items.items():
            self[key] = item

    def __getitem__(self, key: Any) -> Item:  # noqa: ANN401  # MiniStack's sort keys
        found: Item = json.loads(super().__getitem__(key))
        return found

    def __setitem__(self, key: Any, item: Item) -> None:  # noqa: ANN401  # as above
        super().__setitem__(key, json.dumps(item, separators=(",", ":")).encode())

    # Without a method of its own, `dict(partition)` would copy the JSON.
    def __iter__(self) -> Iterator[Any]:
        return super().__iter__()

    # The state is saved from a copy: unpacked, all records together would take eight times as much.
    def __deepcopy__(self, memo: object) -> "PackedPartition":
        copied = PackedPartition({})
        dict.update(copied, dict.items(self))
        return copied

    def get(self, key: Any, default: Any = None) -> Any:  # noqa: ANN401  # as above
        """Return a copy of an item."""
        return self[key] if key in self else default  # noqa: SIM401  # this is `get`

    def pop(self, key: Any, default: Any = None) -> Any:  # noqa: ANN401  # as above
        """Remove and return an item."""
        item = self.get(key, default)
        super().pop(key, None)
        return item

    def values(self) -> Any:  # noqa: ANN401  # a list, where `dict` has a view
        """Return copies of the items."""
        return [self[key] for key in self]

    def items(self) -> Any:  # noqa: ANN401  # as above
        """Return the sort keys, each with a copy of its item."""
        return [(key, self[key]) for key in self]


class PackedItems(defaultdict[Any, Partition]):
    """The items of a table by partition key; every partition is packed."""

    def keys(self) -> Any:  # noqa: ANN401  # a collection, where `dict` has a view
        """Return the partition keys, within `seen_through` only those that it names."""
        seen = _seen.get()
        return super().keys() if seen is None else seen


def packed_bytes(partition: Partition) -> int:
    """Return the bytes of the items of a packed partition as JSON."""
    return sum(map(len, dict.values(partition)))


@contextmanager
def seen_through(keys: Collection[Any]) -> Iterator[None]:
    """Let functions that list partition keys see only these."""
    token = _seen.set(keys)
    try:
        yield
    finally:
        _seen.reset(token)


def packed_items(table: dict[str, Any]) -> PackedItems:
    """Return the items of a table, which are packed afterwards."""
    items = table["items"]
    if not isinstance(items, PackedItems):
        held = {key: PackedPartition(partition) for key, partition in items.items()}
        table["items"] = items = PackedItems(dict, held)
    return items


def _packing(set_item: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that stores an item packed, and packs the table if it is not yet."""

    def packed(table: dict[str, Any], partition_key: Any, *rest: Any) -> Any:  # noqa: ANN401  # MiniStack's
        items = packed_items(table)
        if partition_key not in items:
            items[partition_key] = PackedPartition({})
        return set_item(table, partition_key, *rest)

    return packed


def _forgetting(emit_logs: Callable[..., None], logs: Any) -> Callable[..., None]:  # noqa: ANN401  # MiniStack's
    """Return a function that writes the logs of an invocation and removes the oldest ones.

    The lines of the audit log stay, in a stream of their own.
    """

    def emitted(*args: Any, **named: Any) -> None:  # noqa: ANN401  # MiniStack's
        emit_logs(*args, **named)
        for group in logs._log_groups.values():
            streams = group["streams"]
            for name in list(streams)[:-_KEPT_LOGS]:
                if name != _AUDIT:
                    _keep_audit(streams, streams.pop(name))

    return emitted


def _keep_audit(streams: dict[str, Any], removed: dict[str, Any]) -> None:
    """Move the audit lines of a removed stream to the stream of audit lines."""
    lines = [event for event in removed["events"] if _AUDIT_MARK in event["message"]]
    if lines:
        kept = streams.setdefault(_AUDIT, {**removed, "events": []})
        kept["events"] = sorted([*kept["events"], *lines], key=_time)[-_KEPT_AUDIT:]


def _time(event: dict[str, Any]) -> int:
    return int(event["timestamp"])
