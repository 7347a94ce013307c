"""Presigned URLs and upload forms of S3: they let anyone read or store one object.

Sources: "Authenticating requests: using query parameters" and "Browser-based uploads using POST" in
the Amazon S3 API reference.
"""

import hmac
import json
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from imagemill.aws.light.endpoint import Endpoint, region_of
from imagemill.aws.light.sigv4 import ALGORITHM, Signer, quote_path, quote_query

# A condition of a policy: the value of one field, or a range of the size of the file in bytes.
Condition = Mapping[str, str] | Sequence[str | int]


@dataclass(frozen=True, slots=True)
class PostForm:
    """The URL to post to, and the fields to send before the file."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Moment:
    """The parts of URLs that only the time and the credentials determine.

    `url_query` has the parameters in botocore's order; `signed_query` has those that sort before
    every other parameter, in the order of the canonical request.
    """

    timestamp: str
    scope: str
    key: bytes
    url_query: str
    signed_query: str


class S3Presigner:
    """Signs URLs and forms with a function's credentials, without a request."""

    def __init__(self, environ: Mapping[str, str], now: Callable[[], float] = time.time) -> None:
        """Take the credentials from a function's environment; raises ConfigurationError.

        `now` returns the present time in seconds since 1970.
        """
        self._signer = Signer.from_environ(environ, "s3")
        self._endpoint = Endpoint.find(environ, "s3", "S3", region_of(environ))
        self._now = now
        # Of the last second: a page of URLs is signed within one or two.
        self._moment = lru_cache(maxsize=1)(self._moment_of)

    def get_object_url(
        self, bucket: str, key: str, query: Mapping[str, str], lifetime_s: int
    ) -> str:
        """Return a URL that reads an object, signed with the further parameters in `query`.

        S3 evaluates `response-…` parameters and ignores those that begin with `x-`. The names in
        `query` are lower-case, so they sort after the parameters of the signature.
        """
        endpoint, prefix = self._endpoint.of_bucket(bucket)
        path = prefix + quote_path(key)
        moment = self._moment(int(self._now()), lifetime_s)
        pairs = [f"{name}={quote_query(value)}" for name, value in query.items()]
        signed = "&".join([moment.signed_query, *sorted(pairs)])
        # A URL is signed before its body is known (UNSIGNED-PAYLOAD).
        canonical = f"GET\n{path}\n{signed}\nhost:{endpoint.host}\n\nhost\nUNSIGNED-PAYLOAD"
        digest = sha256(canonical.encode()).hexdigest()
        to_sign = f"{ALGORITHM}\n{moment.timestamp}\n{moment.scope}\n{digest}"
        signature = hmac.digest(moment.key, to_sign.encode(), "sha256").hex()
        sent = "&".join([*pairs, moment.url_query])
        return f"{endpoint.url}{path}?{sent}&X-Amz-Signature={signature}"

    def put_url(
        self,
        bucket: str,
        key: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        lifetime_s: int,
    ) -> str:
        """Return a URL that stores bytes with PUT; the request must have exactly these headers.

        The names in `query` and `headers` are sorted. Those in `query` sort after the parameters of
        the signature.
        """
        endpoint, prefix = self._endpoint.of_bucket(bucket)
        path = prefix + quote_path(key)
        moment = self._moment(int(self._now()), lifetime_s)
        lines = dict(sorted({**headers, "host": endpoint.host}.items()))
        names = ";".join(lines)
        own = f"X-Amz-SignedHeaders={quote_query(names)}"
        pairs = [f"{name}={quote_query(value)}" for name, value in query.items()]
        signed = "&".join([*moment.signed_query.split("&")[:-1], own, *pairs])
        canonical = "\n".join(
            [
                *("PUT", path, signed),
                *(f"{name}:{value}" for name, value in lines.items()),
                *("", names, "UNSIGNED-PAYLOAD"),
            ]
        )
        digest = sha256(canonical.encode()).hexdigest()
        to_sign = f"{ALGORITHM}\n{moment.timestamp}\n{moment.scope}\n{digest}"
        signature = hmac.digest(moment.key, to_sign.encode(), "sha256").hex()
        return f"{endpoint.url}{path}?{signed}&X-Amz-Signature={signature}"

    def post_form(
        self, bucket: str, key: str, conditions: Sequence[Condition], lifetime_s: int
    ) -> PostForm:
        """Return a form that stores an object under exactly this key.

        A condition `{name: value}` becomes a field of the form, too. S3 replaces `${filename}` in
        the key; callers must not pass a key with a `$` that is to be stored.
        """
        endpoint, prefix = self._endpoint.of_bucket(bucket)
        now_s = int(self._now())
        moment = self._moment(now_s, lifetime_s)
        signing = self._signing_fields(moment)
        own = {
            name: value
            for one in conditions
            if isinstance(one, Mapping)
            for name, value in one.items()
        }
        required = (
            {name: value} for name, value in {"bucket": bucket, "key": key, **signing}.items()
        )
        policy = {
            "expiration": f"{_utc(now_s + lifetime_s):%Y-%m-%dT%H:%M:%SZ}",
            "conditions": [*conditions, *required],
        }
        encoded = b64encode(json.dumps(policy).encode())
        signature = hmac.digest(moment.key, encoded, "sha256").hex()
        proof = {"policy": encoded.decode(), "x-amz-signature": signature}
        # A bucket in the path has no slash after it.
        url = f"{endpoint.url}{prefix.rstrip('/') or '/'}"
        return PostForm(url, {**own, "key": key, **signing, **proof})

    def _signing_fields(self, moment: _Moment) -> dict[str, str]:
        fields = {
            "x-amz-algorithm": ALGORITHM,
            "x-amz-credential": self._signer.credential(moment.scope),
            "x-amz-date": moment.timestamp,
        }
        token = self._signer.credentials.token
        return {**fields, "x-amz-security-token": token} if token else fields

    def _moment_of(self, now_s: int, lifetime_s: int) -> _Moment:
        timestamp = f"{_utc(now_s):%Y%m%dT%H%M%SZ}"
        token = self._signer.credentials.token
        scope = self._signer.scope(timestamp)
        begin = (
            f"X-Amz-Algorithm={ALGORITHM}"
            f"&X-Amz-Credential={quote_query(self._signer.credential(scope))}"
            f"&X-Amz-Date={timestamp}&X-Amz-Expires={lifetime_s}"
        )
        headers = "&X-Amz-SignedHeaders=host"
        session = f"&X-Amz-Security-Token={quote_query(token)}" if token else ""
        return _Moment(
            timestamp=timestamp,
            scope=scope,
            key=self._signer.key(scope),
            url_query=begin + headers + session,
            signed_query=begin + session + headers,
        )


def _utc(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)
