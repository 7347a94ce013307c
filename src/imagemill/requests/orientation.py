"""Mirroring and quarter turns in any order, as one mirroring that one rotation follows."""

from typing import cast

from imagemill.dataclass import dataclass
from imagemill.preset import Point, Rotation
from imagemill.requests.values import rounded

_TURN = 360
_QUARTER_TURNS = (90, 270)


@dataclass(frozen=True, slots=True)
class Orientation:
    """Mirrored first, if at all, then rotated clockwise, in degrees."""

    mirror: bool = False
    rotation: Rotation = 0

    def rotated(self, degrees: int) -> "Orientation":
        """Rotate by a multiple of 90° after everything before."""
        return Orientation(self.mirror, cast("Rotation", (self.rotation + degrees) % _TURN))

    def mirrored(self) -> "Orientation":
        """Exchange left and right after everything before.

        A rotation and then a mirroring is a mirroring and then the opposite rotation.
        """
        return Orientation(not self.mirror, cast("Rotation", -self.rotation % _TURN))

    def flipped(self) -> "Orientation":
        """Exchange top and bottom after everything before."""
        return self.mirrored().rotated(180)

    @property
    def swaps_sides(self) -> bool:
        """Whether width and height are exchanged."""
        return self.rotation in _QUARTER_TURNS

    def before(self, point: Point) -> Point:
        """Return where a point of the result was before, both from 0 to 1."""
        x, y = point
        back = {0: (x, y), 90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}
        x, y = back[self.rotation]
        return (rounded(1 - x if self.mirror else x), rounded(y))

    def after(self, point: Point) -> Point:
        """Return where a point is in the result, both from 0 to 1."""
        x, y = (1 - point[0] if self.mirror else point[0]), point[1]
        forth = {0: (x, y), 90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}
        x, y = forth[self.rotation]
        return (rounded(x), rounded(y))
