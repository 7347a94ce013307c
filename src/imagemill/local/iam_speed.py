"""Patch of MiniStack's IAM: it parses each policy once, and looks a caller up once a request.

MiniStack parses all policies of the caller's role twice for each request, once of them only to know
the caller's ARN. That was a twelfth of its time in a backfill.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

# Policies whose statements are kept; a stack has about twenty.
_KEPT_POLICIES = 500


def speed_up_iam(iam: Any, responses: Any, router: Any) -> None:  # noqa: ANN401  # modules of MiniStack, which have no types
    """Replace two functions of its evaluator. Call it once."""
    iam.parse_policy_document = _parsing_once(iam.parse_policy_document)

    def caller_arn(headers: dict[str, str], query: dict[str, list[str]] | None = None) -> str:
        account = responses.get_account_id()
        key = router.extract_access_key_id(headers or {}, query or {})
        own = responses._account_from_sts_session(key) if key else None
        found = iam.resolve_credential(key, own or account) if key else None
        return getattr(found, "principal_arn", "") or f"arn:aws:iam::{account}:root"

    iam.request_caller_arn = caller_arn


def _parsing_once(parse: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
    """Return a function that keeps the statements of policies that are text.

    Its results are tuples in new lists: a caller that changes a list changes no other.
    """
    kept = lru_cache(_KEPT_POLICIES)(lambda text: tuple(parse(text)))

    @wraps(parse)
    def parsed(policy: Any) -> list[Any]:  # noqa: ANN401  # text or JSON
        return list(kept(policy)) if isinstance(policy, str) else parse(policy)

    return parsed
