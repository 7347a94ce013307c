"""For which buckets a stack has turned EventBridge on: one item each, in the table of backfills.

S3 has one switch for all who want events, and nothing is written to the bucket. Without this note
`imagemill adopt --undo` could not tell a switch of ours from one of others.
"""

from typing import TYPE_CHECKING

from imagemill.aws.errors import translated

if TYPE_CHECKING:
    from imagemill.aws.item_clients import ItemClient

_TABLE = "the backfills table"


class AdoptionSwitches:
    """Implements `operations.adopt_bucket.Switches`."""

    def __init__(self, dynamodb: "ItemClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def is_ours(self, bucket: str) -> bool:
        """Return whether this stack has turned EventBridge on for the bucket."""
        with translated(_TABLE):
            found = self._dynamodb.get_item(
                TableName=self._table, Key=_key(bucket), ConsistentRead=True
            )
        return bool(found.get("Item", {}).get("is_ours", {}).get("BOOL", False))

    def note(self, bucket: str, *, is_ours: bool) -> None:
        """Remember it, or forget it."""
        with translated(_TABLE):
            self._dynamodb.put_item(
                TableName=self._table, Item=_key(bucket) | {"is_ours": {"BOOL": is_ours}}
            )


def _key(bucket: str) -> dict[str, dict[str, str]]:
    return {"id": {"S": f"eventbridge:{bucket}"}}
