"""The dead-letter queue in memory."""

from collections.abc import Callable, Iterator

from imagemill.domain.dead_letter import Letter


class FakeMailbox:
    """Implements `workflows.redrive.Mailbox`; `when_sent` is what the pipeline does then."""

    def __init__(self, *letters: Letter) -> None:
        self.when_sent: Callable[[Letter], object] = self._nothing
        self.waiting = list(letters)
        self.hidden: list[Letter] = []
        self.sent: list[Letter] = []

    def letters(self) -> Iterator[Letter]:
        while self.waiting:
            self.hidden.append(self.waiting.pop())
            yield self.hidden[-1]

    def put_back(self, letter: Letter) -> None:
        self.hidden.remove(letter)
        self.waiting.append(letter)

    def redrive(self, letter: Letter) -> None:
        self.hidden.remove(letter)
        self.sent.append(letter)
        self.when_sent(letter)

    def _nothing(self, letter: Letter) -> None:
        assert letter in self.sent
