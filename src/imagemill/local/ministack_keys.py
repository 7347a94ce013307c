"""Patches of MiniStack: no well-known key, no key that can be computed, verified code.

Its modules have no types and no public names for this; its version is pinned.
"""

import functools
import logging
import os
from hashlib import sha256
from typing import Any

from imagemill.local.root_key import RootKey
from imagemill.local.sigv4 import Credential

CODE_BUCKET = "imagemill-code"
# With the prefix ASIA, 20 characters like the key ids of AWS.
_SESSION_KEY_DIGITS = 16
_LOGGER = logging.getLogger("imagemill.keys")


class Emulated:
    """Keys, distributions and buckets of MiniStack."""

    def __init__(self, key: RootKey, app: Any) -> None:  # noqa: ANN401  # a module without types
        self._key = key
        self._app = app
        self.functions: set[str] = set()
        """Access key ids of the sessions of functions."""

    def credential(self, access_key_id: str) -> Credential | None:
        """Return the credential of the root, an IAM user or a session; None if it is unknown."""
        from ministack.core import iam_evaluator as iam  # noqa: PLC0415  # only the child may load it
        from ministack.core.responses import _account_from_sts_session, get_account_id  # noqa: PLC0415

        if access_key_id == self._key.access_key_id:
            return Credential(self._key.secret_access_key)
        if iam.is_root_access_key(access_key_id):
            return None
        try:
            owner = iam.find_iam_access_key_account(access_key_id)
        except iam.AmbiguousAccessKeyError:
            return None
        account = owner or _account_from_sts_session(access_key_id) or get_account_id()
        found = iam.resolve_credential(access_key_id, account)
        if isinstance(found, iam.CredentialResolutionError):
            return None
        return Credential(
            found.secret_access_key,
            found.session_token or "",
            data_only=access_key_id in self.functions,
        )

    def is_distribution(self, label: str) -> bool:
        """Return whether CloudFront has a distribution of this name."""
        cloudfront = self._app._get_module("cloudfront")
        return cloudfront.find_distribution_for_label(label) is not None

    def is_bucket(self, name: str) -> bool:
        """Return whether any account has a bucket of this name."""
        return self._app._get_module("s3")._bucket_owner_account(name) is not None


def only_this_root(key: RootKey) -> None:
    """Disable MiniStack's well-known root keys: `test`, and every account number."""
    from ministack.core import iam_evaluator  # noqa: PLC0415
    from ministack.services import sts  # noqa: PLC0415

    os.environ["AWS_ACCESS_KEY_ID"] = key.access_key_id
    os.environ["AWS_SECRET_ACCESS_KEY"] = key.secret_access_key

    def is_root(access_key_id: str) -> bool:
        # MiniStack's own calls name no key. The gate lets no such request in from outside.
        return not access_key_id or access_key_id == key.access_key_id

    iam_evaluator.is_root_access_key = is_root
    sts.is_root_access_key = is_root


def give_functions_secret_keys(key: RootKey, known: set[str]) -> None:
    """Derive the keys of functions' roles from the root's secret.

    MiniStack derives them from names that are the same on every machine, so that every program
    could sign with them.
    """
    from ministack.core import lambda_runtime  # noqa: PLC0415
    from ministack.services import lambda_svc, sts  # noqa: PLC0415

    def execution_credentials(config: dict[str, Any]) -> dict[str, str]:
        account, _ = lambda_runtime._account_region_from_function_config(config)
        arn, role = config.get("FunctionArn", ""), config.get("Role", "")
        source = f"{arn} {role}"
        key_id = "ASIA" + key.derive(f"id {source}")[:_SESSION_KEY_DIGITS].upper()
        secret, token = key.derive(f"secret {source}"), key.derive(f"token {source}")
        role_name = role.rpartition("/")[2]
        session = config.get("FunctionName", "function")[:64]
        sts.register_session(
            key_id,
            {
                "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{session}",
                "UserId": f"{role_name}:{session}",
                "SecretAccessKey": secret,
                "SessionToken": token,
            },
        )
        known.add(key_id)
        return {
            "AWS_ACCESS_KEY_ID": key_id,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_SESSION_TOKEN": token,
        }

    lambda_runtime.execution_credentials = execution_credentials
    lambda_svc.execution_credentials = execution_credentials


def verify_code(lambda_svc: Any) -> None:  # noqa: ANN401  # a module without types
    """Load a function's code only if its hash matches the hash in its key or name."""
    fetch, read = lambda_svc._fetch_code_from_s3, lambda_svc._read_code_blob

    @functools.wraps(fetch)
    def fetched(bucket: str, key: str, version_id: str | None = None) -> bytes | None:
        data: bytes | None = fetch(bucket, key, version_id)
        expected = key.rpartition("/")[2].removesuffix(".zip")
        if bucket != CODE_BUCKET or _is_intact(data, expected):
            return data
        _LOGGER.error("s3://%s/%s does not match its hash: the code was changed", bucket, key)
        return None

    @functools.wraps(read)
    def blob(digest: str) -> bytes | None:
        data: bytes | None = read(digest)
        if _is_intact(data, digest):
            return data
        _LOGGER.error("the saved code of a function does not match its hash: %s", digest)
        return None

    lambda_svc._fetch_code_from_s3 = fetched
    lambda_svc._read_code_blob = blob


def _is_intact(data: bytes | None, digest: str) -> bool:
    return data is not None and sha256(data).hexdigest() == digest
