"""What is measured: every metric of ours by its name."""

from collections.abc import Mapping, Sequence
from typing import Literal

Unit = Literal["Count", "Bytes", "Milliseconds"]
Values = Mapping[str, Sequence[float]]

UNITS: Mapping[str, Unit] = {
    "Ready": "Count",
    "Rejected": "Count",
    "Deleted": "Count",
    "Failed": "Count",
    "Duplicates": "Count",
    "Fallbacks": "Count",
    "Renditions": "Count",
    "Faults": "Count",
    "BytesIn": "Bytes",
    "BytesOut": "Bytes",
    "Download": "Milliseconds",
    "Render": "Milliseconds",
    "Upload": "Milliseconds",
    "Record": "Milliseconds",
    "QueueAge": "Milliseconds",
    "Accepted": "Count",
    "Problems": "Count",
}
"""Every metric there is, and its unit; docs/operations.md says what they mean."""
BY_CODE = ("Rejected", "Faults", "Fallbacks", "Problems")
"""Those that are also counted by `code`."""
