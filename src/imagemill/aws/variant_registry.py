"""The registry of variants: one item for each variant that was requested within a day."""

from typing import TYPE_CHECKING

from imagemill.aws.errors import CONFLICTS, error_code, error_responses, translated
from imagemill.domain.image_request import VARIANT_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagemill.aws.item_clients import ApiItemClient, Item, PutItemParams, QueryParams
    from imagemill.domain.image_request import ImageRequest

_STORE = "the variants table"
# Time for which other callers leave a variant to the one that makes it, s: more than an image needs
# to be read, rendered (11 s at most) and stored.
LEASE_S = 30
# Lifetime of an item, s. A variant is stored at most half an hour after its registration: a
# function runs for 15 minutes at most, and S3 accepts a request for 15 minutes after it was signed.
LIFETIME_S = 24 * 3600


class VariantRegistry:
    """Implements `domain.stores.VariantRegistry` and `domain.stores.RegisteredVariants`.

    Nothing deletes an item before its time: a worker that removes the variants of an image must
    find every caller that may yet store one. An item has the image's id, the name of the
    variant, the sequencer of the version that the variant is made of, and two times in epoch
    seconds: the end of the lease and, for DynamoDB, the end of the item.
    """

    def __init__(self, client: "ApiItemClient", table: str) -> None:
        self._client = client
        self._table = table

    def acquire(
        self, request: "ImageRequest", sequencer: str, now_s: int, lease_s: int = LEASE_S
    ) -> bool:
        """Register a variant; False if another caller makes it of the same version now."""
        return self._put_if(
            {
                "TableName": self._table,
                "Item": _item(request, sequencer, now_s, now_s + lease_s),
                "ConditionExpression": (
                    "attribute_not_exists(id) OR leased_until < :now OR sequencer <> :sequencer"
                ),
                "ExpressionAttributeValues": {
                    ":now": {"N": str(now_s)},
                    ":sequencer": {"S": sequencer},
                },
            }
        )

    def register(
        self, request: "ImageRequest", sequencer: str, now_s: int, lease_s: int = LEASE_S
    ) -> bool:
        """Register and lease a variant; False if it is registered already."""
        return self._put_if(
            {
                "TableName": self._table,
                "Item": _item(request, sequencer, now_s, now_s + lease_s),
                "ConditionExpression": "attribute_not_exists(id)",
            }
        )

    def _put_if(self, params: "PutItemParams") -> bool:
        """Write an item; False if its condition does not hold."""
        with translated(_STORE):
            try:
                self._client.put_item(**params)
            except error_responses() as fault:
                if error_code(fault) in CONFLICTS:
                    return False
                raise
        return True

    def release(self, request: "ImageRequest", sequencer: str, now_s: int) -> None:
        """End the lease; the variant stays registered."""
        item = _item(request, sequencer, now_s, leased_until_s=0)
        with translated(_STORE):
            self._client.put_item(TableName=self._table, Item=item)

    def registered(self, image_id: str) -> frozenset[str]:
        """Return the keys of the image's registered variants, by a consistent read."""
        found = (str(item["variant"]["S"]) for item in self._items(image_id))
        return frozenset(f"{VARIANT_PREFIX}{image_id}/{name}" for name in found)

    def _items(self, image_id: str) -> "Iterator[Item]":
        params: QueryParams = {
            "TableName": self._table,
            "KeyConditionExpression": "id = :id",
            "ExpressionAttributeValues": {":id": {"S": image_id}},
            "ConsistentRead": True,
        }
        while True:
            with translated(_STORE):
                page = self._client.query(**params)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            params["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _item(request: "ImageRequest", sequencer: str, now_s: int, leased_until_s: int) -> "Item":
    return {
        "id": {"S": request.image_id},
        "variant": {"S": request.name},
        "sequencer": {"S": sequencer},
        "leased_until": {"N": str(leased_until_s)},
        "expires_at": {"N": str(now_s + LIFETIME_S)},
    }
