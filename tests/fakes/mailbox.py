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

    def put_back(self, dead_letter: Letter) -> None:
        self.hidden.remove(dead_letter)
        self.waiting.append(dead_letter)

    def redrive(self, dead_letter: Letter) -> None:
        self.hidden.remove(dead_letter)
        self.sent.append(dead_letter)
        self.when_sent(dead_letter)

    def _nothing(self, dead_letter: Letter) -> None:
        assert dead_letter in self.sent
