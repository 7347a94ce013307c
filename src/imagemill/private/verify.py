"""Verify signed URLs and cookies as CloudFront does, for the distribution on the laptop."""

from collections.abc import Callable, Mapping

from imagemill.private.cookies import NAMES
from imagemill.private.policies import RESERVED, Policy, from_url, policy_text, read_policy

# Verifies bytes, their signature and a public key in PEM: `private.rsa.is_signed`.
Verify = Callable[[bytes, bytes, str], bool]


def is_permitted(
    url: str, cookies: Mapping[str, str], keys: Mapping[str, str], now: int, verify: Verify
) -> bool:
    """Return whether a request may pass: its URL is signed, or else its cookies are.

    `url` is the whole URL as it was sent, `keys` are the trusted public keys in PEM by their ids,
    `now` is Unix time, s.
    """
    bare, signed = _taken_apart(url)
    if not signed:
        fields = ("Policy", "Signature", "Key-Pair-Id")
        signed = {
            field: cookies[name]
            for field, name in zip(fields, NAMES, strict=True)
            if name in cookies
        }
    public = keys.get(signed.get("Key-Pair-Id", ""))
    if public is None:
        return False
    try:
        text = _text(bare, signed)
        is_valid = verify(text.encode(), from_url(signed.get("Signature", "")), public)
        return is_valid and _policy(bare, signed, text).covers(bare, now)
    except ValueError:
        return False


def _taken_apart(url: str) -> tuple[str, dict[str, str]]:
    """Return a URL without the parameters of a signature, and these."""
    path, _, query = url.partition("?")
    parts = [part.partition("=") for part in query.split("&")] if query else []
    rest = "&".join("".join(part) for part in parts if part[0] not in RESERVED)
    signed = {name: value for name, _, value in parts if name in RESERVED}
    return f"{path}?{rest}" if rest else path, signed


def _text(url: str, signed: Mapping[str, str]) -> str:
    """Return the JSON that was signed."""
    if "Policy" in signed:
        return from_url(signed["Policy"]).decode()
    return policy_text(url, int(signed.get("Expires", "")))


def _policy(url: str, signed: Mapping[str, str], text: str) -> Policy:
    # A canned policy has no wildcards, although its URL may have a `?`.
    return read_policy(text) if "Policy" in signed else Policy(url, int(signed["Expires"]))
