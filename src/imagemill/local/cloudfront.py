"""Distributions of MiniStack, as far as requests for images need them.

MiniStack's CloudFront answers 502 for an origin group, and does not sign its requests to function
URLs. Its modules have no types and no public names for this; its version is pinned.
"""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from imagemill.dataclass import dataclass

# Domain of distributions on the embedded AWS.
CDN_HERE = ".cloudfront.localhost"
_HOST = re.compile(rf"([a-z0-9]+){re.escape(CDN_HERE)}", re.IGNORECASE)
_CLIENT = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response; header names are in lower case, and a list has one value a line."""

    status: int
    headers: dict[str, Any]
    body: bytes


@dataclass(frozen=True, slots=True)
class Trusted:
    """The public keys of a cache behaviour in PEM by their ids, and the host that URLs name."""

    host: str
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A cache behaviour with a function for viewer requests."""

    code: str
    """The function's source."""
    origins: tuple[dict[str, Any], ...]
    """The origin, or the members of the origin group in their order, as MiniStack reads them."""
    failover: frozenset[int]
    """Statuses for which the next member is asked."""
    headers_policy: str | None
    distribution_arn: str


class Distributions:
    """The distributions of an emulated CloudFront."""

    def __init__(self, cloudfront: Any, root_key_id: str) -> None:  # noqa: ANN401  # a module without types
        self._cloudfront = cloudfront
        # Origin access control: CloudFront signs its requests. MiniStack reads only the key's id.
        self._signature = f"AWS4-HMAC-SHA256 Credential={root_key_id}/date/region/lambda/"

    def behaviour(self, host: str, path: str) -> Behaviour | None:
        """Return the behaviour for a path; None if it has no function for viewer requests.

        At a name of loopback, it is that of the distribution of the stack, which is the only one.
        """
        found = self._found(host)
        if found is None:
            return None
        parsed = self._cloudfront.parse_distribution_dataplane_config(found)
        matched = self._cloudfront._match_behavior(parsed, _plain(path))
        function = matched["functions"].get("viewer-request")
        if function is None:
            return None
        target = matched["target_origin_id"]
        members, failover = self._groups(found).get(target, ((target,), frozenset[int]()))
        return Behaviour(
            code=(self._cloudfront.live_function_code(function) or b"").decode(),
            origins=tuple(parsed["origins"][name] for name in members),
            failover=failover,
            headers_policy=matched["response_headers_policy_id"],
            distribution_arn=found["ARN"],
        )

    def trusted(self, host: str, path: str) -> Trusted | None:
        """Return the keys that open a path; None if it is open to everybody."""
        found = self._found(host)
        if found is None:
            return None
        parsed = self._cloudfront.parse_distribution_dataplane_config(found)
        pattern = self._cloudfront._match_behavior(parsed, _plain(path))["path_pattern"]
        groups = [
            str(group.text)
            for behaviour in _all(self._cloudfront._dist_config_el(found), "CacheBehavior")
            if pattern is not None and _text(behaviour, "PathPattern") == pattern
            for group in _all(behaviour, "KeyGroup")
        ]
        if not groups:
            return None
        ids = [
            one
            for group in groups
            for one in self._cloudfront._key_groups[group]["Config"]["Items"]
        ]
        keys = {one: self._cloudfront._public_keys[one]["Config"]["EncodedKey"] for one in ids}
        port = host.rpartition(":")[2]
        label = found["DomainName"].partition(".")[0]
        return Trusted(f"{label}{CDN_HERE}:{port}", keys)

    async def fetch(
        self, behaviour: Behaviour, method: str, path: str, query: str, headers: Mapping[str, str]
    ) -> Answer:
        """Return the answer of the first origin that does not fail over, or of the last one."""
        answer = _gateway_error(HTTPStatus.BAD_GATEWAY)
        for origin in behaviour.origins:
            answer = await self._ask(origin, behaviour, (method, path, query), dict(headers))
            if answer.status not in behaviour.failover:
                break
        return answer

    def with_policy(self, behaviour: Behaviour, method: str, answer: Answer) -> Answer:
        """Return the answer with the headers of the behaviour's response headers policy."""
        policy = self._cloudfront.response_headers_policy_config(behaviour.headers_policy)
        headers = self._cloudfront._apply_response_headers_policy(
            answer.headers, policy, "", method
        )
        return Answer(answer.status, headers, answer.body)

    async def _ask(
        self,
        origin: dict[str, Any],
        behaviour: Behaviour,
        asked: tuple[str, str, str],
        headers: dict[str, str],
    ) -> Answer:
        method, path, query = asked
        if origin["oac_id"] and not origin["s3_bucket"]:
            headers["authorization"] = self._signature
        try:
            status, _, received, body = await self._cloudfront._fetch_from_origin(
                origin, method, path, query, headers, b"", False, _CLIENT, "",  # noqa: FBT003  # not by HTTPS
                behaviour.distribution_arn,
            )  # fmt: skip
        except self._cloudfront.OriginTimeout:
            return _gateway_error(HTTPStatus.GATEWAY_TIMEOUT)
        except self._cloudfront.OriginUnreachable:
            return _gateway_error(HTTPStatus.BAD_GATEWAY)
        kept = self._cloudfront._strip_hop_by_hop_response_headers(received)
        return Answer(status, {name.lower(): value for name, value in kept.items()}, body)

    def _found(self, host: str) -> Any:  # noqa: ANN401  # a record without a type
        label = _HOST.match(host)
        if label:
            return self._cloudfront.find_distribution_for_label(label[1].lower())
        return next(iter(self._cloudfront._distributions.values()), None)

    def _groups(self, found: Any) -> dict[str, tuple[tuple[str, ...], frozenset[int]]]:  # noqa: ANN401  # a record without a type
        """Return the members of each origin group and the statuses that it fails over for."""
        config = self._cloudfront._dist_config_el(found)
        return {
            _text(group, "Id"): (
                tuple(_text(member, "OriginId") for member in _all(group, "OriginGroupMember")),
                frozenset(int(status.text) for status in _all(group, "StatusCode")),
            )
            for group in _all(config, "OriginGroup")
        }


def _plain(path: str) -> str:
    """Return a path as CloudFront compares it with patterns: without repeated slashes.

    The patterns of MiniStack do not match the line feed that a decoded path may have.
    """
    return re.sub("/+", "/", path).replace("\n", "_")


def _all(element: Any, name: str) -> Iterator[Any]:  # noqa: ANN401  # an element without a type
    """Return the elements below with a name, in any namespace."""
    return (one for one in element.iter() if one.tag.rpartition("}")[2] == name)


def _text(element: Any, name: str) -> str:  # noqa: ANN401  # ditto
    """Return the text of the first element below with a name."""
    return str(next(_all(element, name)).text)


def _gateway_error(status: HTTPStatus) -> Answer:
    return Answer(status, {"content-type": "text/plain"}, status.phrase.encode())
