"""The tokens of share links: their images and their end, signed with HMAC-SHA256.

`ims1-KEY.FACTS.SIGNATURE`: the id of the secret, the facts as JSON, and the signature of all before
it. The facts and the signature are in base64url. It has three parts, as other bearer tokens.
"""

import base64
import hmac
import json
import re
from collections.abc import Iterable

from imagemill.dataclass import dataclass
from imagemill.domain.caller import Grant
from imagemill.errors import Unauthorized

# Programs that look for leaked secrets find tokens by their beginning.
MARK = "ims1-"
_FORM = re.compile(r"ims1-(?P<key>[0-9a-f]{8})\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class SignedShare:
    """The facts of a token: the id of its share, and the images that it shows."""

    id: str
    grant: Grant


def token_of(share: SignedShare, secret: str) -> str:
    """Return the token of a share."""
    grant = share.grant
    facts: dict[str, object] = {"id": share.id, "until": grant.until}
    facts |= {"image": grant.image} if grant.image else {"prefix": grant.prefix}
    facts |= {"originals": True} if grant.originals else {}
    text = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
    signed = f"{MARK}{_id_of(secret)}.{_to_text(text.encode())}"
    return f"{signed}.{_signature(signed, secret)}"


def key_of(token: str) -> str:
    """Return the id of the secret that a token names; raises Unauthorized if it is no token."""
    found = _FORM.fullmatch(token)
    if found is None:
        raise _refusal()
    return found["key"]


def read_token(token: str, secrets: Iterable[str]) -> SignedShare:
    """Return the facts of a token that one of the secrets has signed; raises Unauthorized.

    The answer is the same for every token that is not signed, and takes the same time.
    """
    key = key_of(token)
    signed, _, signature = token.rpartition(".")
    secret = next((one for one in secrets if _id_of(one) == key), "")
    expected = _signature(signed, secret or "-")
    if not hmac.compare_digest(signature, expected) or not secret:
        raise _refusal()
    facts = json.loads(_from_text(signed.rpartition(".")[2]))
    return SignedShare(
        facts["id"],
        Grant(
            facts["until"],
            facts.get("image", ""),
            facts.get("prefix", ""),
            facts.get("originals", False),
        ),
    )


def is_known(key: str, secrets: Iterable[str]) -> bool:
    """Return whether one of the secrets has this id."""
    return any(_id_of(secret) == key for secret in secrets)


def _id_of(secret: str) -> str:
    """Return the id of a secret, from which nobody can derive the secret."""
    return hmac.digest(secret.encode(), b"id", "sha256").hex()[:8]


def _signature(text: str, secret: str) -> str:
    return _to_text(hmac.digest(secret.encode(), text.encode(), "sha256"))


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _from_text(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _refusal() -> Unauthorized:
    return Unauthorized("the share link is not valid: it is incomplete, or its key was replaced")
