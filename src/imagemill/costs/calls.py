"""What an image costs in calls to AWS, as tests/unit/pipeline/test_calls.py counts them."""

RECORD_BYTES = 625
"""Of a record without its renditions, keys of forty letters; tests hold it against a real one."""
RENDITION_BYTES = 100
"""What each rendition adds to it."""
LOG_BYTES = 590
"""What is logged of an image in a full batch, with what CloudWatch adds to each line."""
GETS = 1
RECORD_READS = 1
RECORD_WRITES = 1
EVENTS = 1
MESSAGES = 1
QUEUE_CALLS_A_BATCH = 2
"""To receive it, and to delete it."""
INDEX_PARTITIONS = 8
"""Shards of the newest-first index: `stores.items.FEED_SHARDS`."""
_WRITE_UNIT_BYTES = 1_024


def puts(presets: int) -> int:
    """Return how many renditions are stored."""
    return presets


def record_bytes(presets: int) -> int:
    """Return how large an image's record is."""
    return RECORD_BYTES + RENDITION_BYTES * presets


def write_units(presets: int) -> int:
    """Return the units that writing a record takes in the table, and again in its index."""
    return -(-record_bytes(presets) // _WRITE_UNIT_BYTES)
