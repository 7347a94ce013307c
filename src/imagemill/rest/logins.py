"""Users who have signed in, kept in files that only their owner can read, and refreshed."""

import fcntl
import json
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from imagemill.dataclass import dataclass
from imagemill.domain.sign_in import SignIn
from imagemill.errors import SetupFailed
from imagemill.rest.issuer import Issuer, Login

# Seconds before its end in which a token is no longer used.
_MARGIN_S = 30


@dataclass(frozen=True, slots=True)
class Logins:
    """The logins of one user of this machine, one file for each API."""

    folder: Path

    def read(self, api: str) -> Login | None:
        """Return the login for an API; None if there is none that only its owner can read."""
        try:
            path = self._path(api)
            status = path.lstat()
            is_private = stat.S_ISREG(status.st_mode) and not status.st_mode & 0o077
            if not is_private or status.st_uid != os.getuid():
                return None
            facts = json.loads(path.read_text())
            return Login(**(facts | {"sign_in": SignIn(**facts["sign_in"])}))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, login: Login) -> None:
        """Keep a login, instead of an earlier one for the same API."""
        path = self._path(login.sign_in.api)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(f".{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(json.dumps(asdict(login)))
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def delete(self, api: str) -> None:
        """Forget the login for an API."""
        self._path(api).unlink(missing_ok=True)

    @contextmanager
    def locked(self, api: str) -> Iterator[None]:
        """Let no other process refresh the same login: issuers accept a refresh token once."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._path(api).with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _path(self, api: str) -> Path:
        return self.folder / f"{sha256(api.encode()).hexdigest()[:32]}.json"


class LoginTokens:
    """The token of a login; it is refreshed before its end, and after the API refused it."""

    def __init__(
        self,
        logins: Logins,
        login: Login,
        now_s: Callable[[], float] = time.time,
        issuer: Issuer | None = None,
    ) -> None:
        self._logins = logins
        self._login = login
        self._now_s = now_s
        self._issuer = issuer or Issuer(login.sign_in, now_s)

    def token(self, refused: str = "") -> str:
        """Return a token other than the one that the API refused; raises SetupFailed."""
        if not self._is_good(self._login, refused):
            api = self._login.sign_in.api
            with self._logins.locked(api):
                self._login = self._newest(self._logins.read(api), refused)
        return self._login.token

    def _newest(self, stored: Login | None, refused: str) -> Login:
        if stored is None:
            raise SetupFailed("you have signed out: run `imagemill login`")
        if self._is_good(stored, refused):
            return stored
        try:
            login = self._issuer.refreshed(stored)
        except SetupFailed as fault:
            raise SetupFailed(f"sign in again with `imagemill login`: {fault}") from fault
        self._logins.write(login)
        return login

    def _is_good(self, login: Login, refused: str) -> bool:
        return login.token != refused and self._now_s() < login.until_s - _MARGIN_S
