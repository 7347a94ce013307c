"""The names and units of all metrics."""

from collections.abc import Mapping, Sequence
from typing import Literal

Unit = Literal["Count", "Bytes", "Milliseconds"]
Values = Mapping[str, Sequence[float]]

# The unit of every metric; docs/operations.md explains them.
UNITS: Mapping[str, Unit] = {
    "Ready": "Count",
    "Rejected": "Count",
    "Deleted": "Count",
    "Failed": "Count",
    "Duplicates": "Count",
    "Fallbacks": "Count",
    "Compilations": "Count",
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
    "Variants": "Count",
    "VariantsFound": "Count",
    "VariantProblems": "Count",
}
# The metrics that also exist with the dimension `code`.
BY_CODE = ("Rejected", "Faults", "Fallbacks", "Problems", "VariantProblems")
