"""The rendition that a case asks of every tool, in words of this benchmark."""

from dataclasses import dataclass
from typing import Literal

Fit = Literal["inside", "cover", "pad"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A box in px, how the image is fitted into it, and the form of the file.

    `to` is a format, or `keep` for that of the original. `place` is a point of the compass or
    `centre`, `focus` a point from 0 to 1, `background` six hexadecimal digits.
    """

    width: int = 500
    height: int = 500
    to: str = "keep"
    fit: Fit = "inside"
    place: str = ""
    focus: tuple[float, float] | None = None
    background: str = ""
    keeps_gamut: bool = False
    keeps_gain_map: bool = False
    max_bytes: int = 0
    # The score of SSIMULACRA 2 to aim at; 0 for the usual quality.
    score: int = 0

    @property
    def recipe(self) -> str:
        """Imagemill's words for it."""
        words = (
            f"{self.width}x{self.height}",
            self.fit,
            self.to,
            self.place,
            "focus{}x{}".format(*self.focus) if self.focus else "",
            f"bg{self.background}" if self.background else "",
            "gamut=keep" if self.keeps_gamut else "",
            f"max={self.max_bytes}B" if self.max_bytes else "",
            f"quality=auto:{self.score}" if self.score else "",
        )
        return "x=" + ":".join(word for word in words if word)
