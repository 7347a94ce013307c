"""AWS calls and stored bytes per image; tests/unit/pipeline/test_calls.py counts the calls."""

# Bytes of the record of a photo without renditions, for keys of 40 characters; a test compares it
# with a real record.
RECORD_BYTES = 775
# Bytes that each rendition adds to a record.
RENDITION_BYTES = 100
# Bytes logged per image in a full batch, CloudWatch's overhead per log event included.
LOG_BYTES = 590
# S3 GETs of the original.
GETS = 1
# S3 HEADs of the original, if rules have names: events do not have the metadata that names one.
CHOICE_HEADS = 1
RECORD_READS = 1
RECORD_WRITES = 1
# Events sent to EventBridge.
EVENTS = 1
# SQS messages that S3 sends.
MESSAGES = 1
# SQS requests per batch: ReceiveMessage and DeleteMessageBatch.
QUEUE_CALLS_A_BATCH = 2
# Write units and bytes of an image in the index of names: keys, and 100 bytes for each item.
NAME_UNITS = 1
NAME_BYTES = 200
# Bytes that one write request unit covers; "DynamoDB read and write operations".
_WRITE_UNIT_BYTES = 1_024


def puts(presets: int) -> int:
    """Return the S3 PUTs that store an image's renditions."""
    return presets


def record_bytes(presets: int) -> int:
    """Return the size of an image's record in bytes."""
    return RECORD_BYTES + RENDITION_BYTES * presets


def write_units(presets: int) -> int:
    """Return the write units for one record in the table; the index by time takes as many."""
    return -(-record_bytes(presets) // _WRITE_UNIT_BYTES)
