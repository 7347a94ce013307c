"""Images a second that each quota and parameter allows, the lowest first."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.model import quotas
from benchmarks.model.burst import Ramp
from benchmarks.model.quotas import Quota
from imagemill.aws.record_items import FEED_SHARDS
from imagemill.costs import calls
from imagemill.costs.bill import UPLOAD_MS, Workload
from imagemill.costs.durations import DurationModel


@dataclass(frozen=True, slots=True)
class Limit:
    """A quota and the amount of it that one image uses; `use` describes the amount."""

    quota: Quota
    each: float
    use: str

    @property
    def images_per_s(self) -> float:
        """Images a second that the quota allows."""
        return self.quota.limit / self.each


def limits(load: Workload, model: DurationModel) -> list[Limit]:
    """Return the limits on processing, the lowest rate first."""
    return sorted(_processing(load, model), key=lambda limit: limit.images_per_s)


def upload_limits() -> list[Limit]:
    """Return the limits on uploads through the REST API, the lowest rate first."""
    found = (
        Limit(quotas.API_RATE, 1, "a request"),
        Limit(quotas.GATEWAY, 1, "a request"),
        Limit(quotas.CONCURRENCY, UPLOAD_MS / 1000, f"{UPLOAD_MS:.0f} ms of an invocation"),
        Limit(quotas.S3_WRITES, 1, "a PUT of the original"),
    )
    return sorted(found, key=lambda limit: limit.images_per_s)


def ramp(most: int) -> Ramp:
    """Return Lambda's scaling on a queue whose event source mapping allows `most` batches."""
    return Ramp(int(quotas.FIRST_POLLERS.limit), quotas.POLLER_RAMP.limit, most)


def _processing(load: Workload, model: DurationModel) -> Iterator[Limit]:
    seconds = load.billed_ms(model) / 1000
    busy = f"{1000 * seconds:.0f} ms of an invocation"
    units = calls.write_units(load.presets)
    yield Limit(quotas.S3_WRITES, 1, "a PUT of the original")
    yield Limit(quotas.S3_READS, calls.GETS, "a GET of the original")
    yield Limit(quotas.S3_WRITES, calls.puts(load.presets), _stored(load.presets))
    yield Limit(quotas.MAX_CONCURRENCY, seconds, busy)
    yield Limit(quotas.MOST_CONCURRENCY, seconds, busy)
    yield Limit(quotas.POLLERS, seconds, busy)
    yield Limit(quotas.CONCURRENCY, seconds, busy)
    yield Limit(quotas.IN_FLIGHT, seconds * load.batch, f"{seconds * load.batch:.1f} s in flight")
    yield Limit(quotas.TABLE_WRITES, units * calls.RECORD_WRITES, _written(units, "table"))
    yield Limit(quotas.TABLE_MOST, units * calls.RECORD_WRITES, _written(units, "table"))
    yield Limit(quotas.TABLE_READS, calls.RECORD_READS, "a read of the record")
    shard = units / FEED_SHARDS
    yield Limit(
        quotas.PARTITION_WRITES, shard, _written(units, f"one of {FEED_SHARDS} shards of the index")
    )
    yield Limit(quotas.EVENTS, calls.EVENTS / load.batch, f"a request for {load.batch}")


def _stored(presets: int) -> str:
    return "a PUT of its rendition" if presets == 1 else f"{presets} PUTs of its renditions"


def _written(units: int, where: str) -> str:
    return f"{units} to write its record into {'the ' if where == 'table' else ''}{where}"
