"""A dead-letter queue in memory."""

from collections.abc import Callable, Iterator

from imagemill.domain.dead_letter import DeadLetter


class FakeDeadLetterQueue:
    """Implements `operations.dead_letters.DeadLetterQueue`.

    `when_sent` is called with every message that is sent again.
    """

    def __init__(self, *dead_letters: DeadLetter) -> None:
        self.when_sent: Callable[[DeadLetter], object] = self._nothing
        self.waiting = list(dead_letters)
        self.hidden: list[DeadLetter] = []
        self.sent: list[DeadLetter] = []

    def dead_letters(self) -> Iterator[DeadLetter]:
        while self.waiting:
            self.hidden.append(self.waiting.pop())
            yield self.hidden[-1]

    def put_back(self, dead_letter: DeadLetter) -> None:
        self.hidden.remove(dead_letter)
        self.waiting.append(dead_letter)

    def redrive(self, dead_letter: DeadLetter) -> None:
        self.hidden.remove(dead_letter)
        self.sent.append(dead_letter)
        self.when_sent(dead_letter)

    def _nothing(self, dead_letter: DeadLetter) -> None:
        assert dead_letter in self.sent
