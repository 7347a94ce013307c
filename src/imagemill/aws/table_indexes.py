"""The indexes of a table of DynamoDB."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from imagemill.aws.errors import usable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def indexes_of(client: "DynamoDBClient", table: str) -> Collection[str]:
    """Return the names of a table's indexes; none without a table. Raises SetupFailed."""
    if not table:
        return ()
    with usable("DynamoDB"):
        described = client.describe_table(TableName=table)["Table"]
    return [one["IndexName"] for one in described.get("GlobalSecondaryIndexes", [])]
