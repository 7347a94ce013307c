"""The table of share links: one item for each, which DynamoDB deletes when it has expired.

All are in one partition, in the order of their ids, which begin with the time. So a list is a range
of it, and one read finds a share.
"""

from typing import TYPE_CHECKING

from imagemill.aws.errors import translated
from imagemill.domain.caller import Grant
from imagemill.domain.share import Share

if TYPE_CHECKING:
    from imagemill.aws.item_clients import ApiItemClient, Item, QueryParams

_STORE = "the table of shares"
_PARTITION = {"S": "share"}
# An id after all others: "~" sorts after digits and letters.
_END = "~"
# Most requests for one page. Each reads 1 MB, which is some thousand shares.
_MAX_READS = 8


class SharesTable:
    """Implements `domain.share.Shares`."""

    def __init__(self, client: "ApiItemClient", table: str) -> None:
        self._client = client
        self._table = table

    def get(self, share_id: str) -> Share | None:
        """Return a share as last written, so that a revocation counts at once; None if none."""
        key = {"kind": _PARTITION, "id": {"S": share_id}}
        with translated(_STORE):
            found = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return _from_item(found["Item"]) if "Item" in found else None

    def put(self, share: Share) -> None:
        """Write a share."""
        with translated(_STORE):
            self._client.put_item(TableName=self._table, Item=_to_item(share))

    def page(
        self, limit: int, before: str | None, owner: str | None, now_s: int
    ) -> tuple[list[Share], str | None]:
        """Return up to `limit` valid shares, newest first, and the id to continue before."""
        end: str | None = before or _END
        found: list[Share] = []
        for _ in range(_MAX_READS):
            with translated(_STORE):
                page = self._client.query(**self._params(end or _END, owner, now_s))
            found += map(_from_item, page["Items"])
            if len(found) > limit:
                return found[:limit], found[limit - 1].id
            if "LastEvaluatedKey" not in page:
                return found, None
            end = str(page["LastEvaluatedKey"]["id"]["S"])
        return found, end

    def _params(self, before: str, owner: str | None, now_s: int) -> "QueryParams":
        values: dict[str, dict[str, str]] = {
            ":kind": _PARTITION,
            ":before": {"S": before},
            ":now": {"N": str(now_s)},
        }
        names = {"#kind": "kind"}
        conditions = ["attribute_not_exists(revoked_at)", "expires_at > :now"]
        if owner is not None:
            # `owner` is a reserved word.
            conditions.append("#owner = :owner")
            names, values = {**names, "#owner": "owner"}, {**values, ":owner": {"S": owner}}
        return {
            "TableName": self._table,
            "KeyConditionExpression": "#kind = :kind AND id < :before",
            "FilterExpression": " AND ".join(conditions),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": False,
        }


def _to_item(share: Share) -> "Item":
    grant = share.grant
    texts = {
        "id": share.id,
        "image": grant.image,
        "prefix": grant.prefix,
        "folder_owner": grant.owner,
        "key": share.key,
        "owner": share.owner,
        "made_by": share.made_by,
        "created_at": share.created_at,
        "revoked_at": share.revoked_at,
    }
    return {
        "kind": _PARTITION,
        "originals": {"BOOL": grant.originals},
        # DynamoDB deletes the item some time after this.
        "expires_at": {"N": str(grant.until)},
        **{name: {"S": text} for name, text in texts.items() if text},
    }


def _from_item(item: "Item") -> Share:
    def text(name: str) -> str:
        return str(item[name]["S"]) if name in item else ""

    grant = Grant(
        until=int(str(item["expires_at"]["N"])),
        image=text("image"),
        prefix=text("prefix"),
        originals=bool(item["originals"]["BOOL"]),
        owner=text("folder_owner"),
    )
    return Share(
        id=text("id"),
        grant=grant,
        made_by=text("made_by"),
        created_at=text("created_at"),
        owner=text("owner"),
        key=text("key"),
        revoked_at=text("revoked_at"),
    )
