"""The numbers that say how a gain map brightens an image, and their binary form.

Sources: ISO 21496-1; its order of numbers also in libavif and libultrahdr.
"""

import struct
from fractions import Fraction
from math import isfinite

from imagemill.dataclass import dataclass

# One number for all channels, or one for each of red, green and blue.
Channels = tuple[float, ...]

# Versions 0 of the standard: the least that a reader needs, and the writer's.
VERSIONS = bytes(4)
# Bits of the flags. In files of the draft two further bits mean a common denominator, and that the
# base is the bright image.
_COLOUR, _BASE_COLOURS, _COMMON, _BACKWARD = 0x80, 0x40, 0x08, 0x04
# Largest size of any number here: stops, gamma or offset. Meaningful ones are below 20.
_MOST = 64.0
# Numerators: of both headrooms, and of a channel's minimum, maximum, gamma and offsets. The letters
# are those of `struct`.
_HEADROOMS, _CHANNEL = "II", "iiIii"
# Largest denominator written.
_DENOMINATOR = 1_000_000


@dataclass(frozen=True, slots=True)
class GainMetadata:
    """How to apply a gain map: ISO 21496-1, 5.2.

    A value v from 0 to 1 stands for a gain of `minimum + (maximum - minimum) * v ** (1 / gamma)`
    stops. The bright image is `(base + base_offset) * 2 ** gain - alternate_offset`, in linear
    light. Headrooms are in stops: at the base's nothing is applied, at the other's all of it.
    """

    minimum: Channels
    maximum: Channels
    gamma: Channels
    base_offset: Channels
    alternate_offset: Channels
    base_headroom: float
    alternate_headroom: float
    uses_base_colours: bool = True
    """The gain applies in the colour space of the base; else in that of the bright image."""

    @property
    def is_usable(self) -> bool:
        """True if every number makes sense, and the base is the darker image."""
        lists = (self.minimum, self.maximum, self.gamma, self.base_offset, self.alternate_offset)
        numbers = [number for each in lists for number in each]
        numbers += [self.base_headroom, self.alternate_headroom]
        return (
            all(isfinite(number) and abs(number) <= _MOST for number in numbers)
            and all(len(each) in (1, 3) for each in lists)
            and all(low <= high for low, high in self._pairs())
            and min(self.gamma) > 0
            and 0 <= self.base_headroom < self.alternate_headroom
        )

    def neutral(self) -> Channels:
        """Return the values from 0 to 1 that stand for no gain, or the nearest ones."""
        gammas = self.gamma if len(self.gamma) > 1 else self.gamma * 3
        shares = [
            min(max(-low / (high - low), 0), 1) if high > low else 0 for low, high in self._pairs()
        ]
        return tuple(share**gamma for share, gamma in zip(shares, gammas, strict=False))

    def steepness(self) -> float:
        """Return the most stops by which the gain grows, where it grows fastest, per value of 1."""
        gammas = self.gamma if len(self.gamma) > 1 else self.gamma * 3
        pairs = zip(self._pairs(), gammas, strict=False)
        return max((high - low) * max(1.0, 1 / gamma) for (low, high), gamma in pairs)

    def _pairs(self) -> list[tuple[float, float]]:
        low, high = (each if len(each) > 1 else each * 3 for each in (self.minimum, self.maximum))
        return list(zip(low, high, strict=True))


def read_iso(body: bytes) -> GainMetadata | None:
    """Return the metadata in ISO 21496-1's binary form; None if cut, or of a later version."""
    try:
        return _read(body)
    except (struct.error, ZeroDivisionError):
        return None


def iso_bytes(metadata: GainMetadata) -> bytes:
    """Return the binary form, with one set of numbers if the channels have the same."""
    lists = (
        metadata.minimum,
        metadata.maximum,
        metadata.gamma,
        metadata.base_offset,
        metadata.alternate_offset,
    )
    is_colour = any(len(set(each)) > 1 for each in lists)
    flags = _COLOUR * is_colour | _BASE_COLOURS * metadata.uses_base_colours
    headrooms = _fraction(metadata.base_headroom), _fraction(metadata.alternate_headroom)
    channels = (
        _fraction(each[channel % len(each)])
        for channel in range(3 if is_colour else 1)
        for each in lists
    )
    return VERSIONS + bytes([flags]) + b"".join((*headrooms, *channels))


def _read(body: bytes) -> GainMetadata | None:
    (least_version,) = struct.unpack_from(">H", body)
    (flags,) = struct.unpack_from(">B", body, len(VERSIONS))
    if least_version or flags & _BACKWARD:
        return None
    count = 3 if flags & _COLOUR else 1
    numbers = _numbers(body, _HEADROOMS + count * _CHANNEL, is_common=bool(flags & _COMMON))
    channels = [numbers[at : at + len(_CHANNEL)] for at in range(2, len(numbers), len(_CHANNEL))]
    minimum, maximum, gamma, base_offset, alternate_offset = zip(*channels, strict=True)
    return GainMetadata(
        minimum,
        maximum,
        gamma,
        base_offset,
        alternate_offset,
        base_headroom=numbers[0],
        alternate_headroom=numbers[1],
        uses_base_colours=bool(flags & _BASE_COLOURS),
    )


def _numbers(body: bytes, kinds: str, *, is_common: bool) -> list[float]:
    """Return numbers: a numerator for each of `kinds`, with its denominator or one for all."""
    at = len(VERSIONS) + 1
    if not is_common:
        read = struct.unpack_from(">" + "".join(f"{kind}I" for kind in kinds), body, at)
        return [above / below for above, below in zip(read[::2], read[1::2], strict=True)]
    below, *numerators = struct.unpack_from(f">I{kinds}", body, at)
    return [above / below for above in numerators]


def _fraction(number: float) -> bytes:
    fraction = Fraction(number).limit_denominator(_DENOMINATOR)
    return struct.pack(">iI", fraction.numerator, fraction.denominator)
