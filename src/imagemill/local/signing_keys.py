"""The keys of signed image URLs on the laptop: a private file in the data folder."""

from pathlib import Path

from imagemill.errors import SetupFailed
from imagemill.local.root_key import write_private
from imagemill.requests.key_pairs import new_pair, pairs_from_json, pairs_to_json, rotated
from imagemill.requests.settings import KeyPair

_FILE = "signing-keys.json"


class FileKeys:
    """Implements `requests.key_pairs.SigningKeys`."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / _FILE

    def read(self) -> tuple[KeyPair, ...]:
        """Return the key pairs; none if the file does not exist.

        Raises SetupFailed if it is malformed or cannot be read.
        """
        try:
            return pairs_from_json(self._path.read_text())
        except FileNotFoundError:
            return ()
        except OSError as fault:
            raise SetupFailed(f"{self._path} cannot be read: {fault.strerror}") from fault

    def ensure(self) -> None:
        """Make the first pair, unless there is one."""
        if not self.read():
            self._write((new_pair(),))

    def rotate(self) -> tuple[KeyPair, ...]:
        """Make a new pair, keep the present one as the previous one, and return both."""
        pairs = rotated(self.read())
        self._write(pairs)
        return pairs

    def _write(self, pairs: tuple[KeyPair, ...]) -> None:
        try:
            write_private(self._path, pairs_to_json(pairs))
        except OSError as fault:
            raise SetupFailed(f"{self._path} cannot be written: {fault.strerror}") from fault
