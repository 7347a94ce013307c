"""Score an encoded image by SSIMULACRA 2: how much it differs from its pixels before.

The metric, its weights and constants are published by Cloudinary under the BSD 3-clause licence:
https://github.com/cloudinary/ssimulacra2. Weights that are nearly zero are left out here, and
of the three finest scales every fourth or second row is compared.
"""

from collections.abc import Sequence
from struct import unpack

from .encoder import COMPONENTS, Samples, count_samples
from .sandbox import Refused, give_back, take

# Scales, channels, and numbers of each: score.h. The numbers are the means of lost structure, added
# edges and lost edges, and then the means of their fourth powers.
_SCALES, _CHANNELS, _NUMBERS = 5, 3, 6
_COUNT = _SCALES * _CHANNELS * _NUMBERS
_NUMBER_BYTES = 8
# Scales for which there are weights: the last ones are 0.
_WEIGHED_SCALES = 6
_Weights = tuple[float, float, float, float, float, float]
_NONE: _Weights = (0, 0, 0, 0, 0, 0)
# Weights of the numbers, of which the last three count by their fourth roots: of six scales of each
# channel in turn. Images of less than 225 px have fewer scales. The metric's own program then takes
# the weights of other scales, by which such images hardly ever look good. Here each scale keeps its
# own.
_WEIGHTS: tuple[_Weights, ...] = (
    *(_NONE, (0, 0, 0, 1.104173, 0, 0), (0, 0, 0, 1.842246, 11.441173, 0)),
    *((0, 0, 0, 1.878759, 10.949070, 0), (0, 0.967794, 0, 0, 0.998177, 0), _NONE),
    *((0, 0, 0, 7.466890, 0, 17.445834), (0, 0, 0, 6.683678, 0, 1.027890)),
    *((225.205153, 0, 0, 19.213238, 0, 0), (176.393176, 0, 0, 24.433010, 0.285208, 0)),
    *((0, 0, 0, 34.779063, 44.835625, 0), _NONE, _NONE, _NONE, _NONE),
    *((0, 0, 0, 8.826983, 23.192433, 0), (95.108050, 0.986398, 0.983438, 0, 171.266726, 0.980786)),
    _NONE,
)
# The same by the bit of each scale and channel: 3 × scale + channel.
_PLACES = {
    _CHANNELS * scale + channel: _WEIGHTS[_WEIGHED_SCALES * channel + scale]
    for channel in range(_CHANNELS)
    for scale in range(_SCALES)
}
# Weights up to this are not worth the time.
_LEAST = 0.9
# From the weighed sum to the score: a factor, a polynomial without constant, and a power. The
# factor is smaller by the difference that the shorter blur makes: 0.8%, on average of 162 images.
_FACTOR = 0.992 * 0.9562382616834844
_POLYNOMIAL = (2.326765642916932, -0.020884521182843837, 6.248496625763138e-05)
_EXPONENT = 0.6276336467831387
# Instructions granted: a fixed part and a part per pixel, four times the need. Measured.
_FIXED_FUEL, _FUEL_PER_PIXEL = 20_000_000, 3_000


class Scorer:
    """Scores images compared with one reference; it holds a sandbox.

    The methods raise Refused, if the sandbox has too little memory or sizes differ.
    """

    def __init__(self, size: tuple[int, int], reference: memoryview) -> None:
        """Take RGBX pixels of `size`, four bytes each of which the last is ignored.

        At most four million.
        """
        width, height = self._size = size
        wanted = sum(1 << place for place, row in _PLACES.items() if max(row) > _LEAST)
        self._fuel = _FIXED_FUEL + _FUEL_PER_PIXEL * width * height
        self._sandbox = take(self._fuel)
        self._at = self._sandbox.call("room_for_scored", width, height)
        self._bytes = len(reference)
        self._sandbox.write(self._at, reference)
        if not self._sandbox.call("take_reference", wanted):
            raise Refused("no_memory")

    def score(self, made: memoryview) -> float:
        """Return the score of RGBX pixels of the same size; 100 is identical."""
        self._sandbox.grant(self._fuel)
        if len(made) != self._bytes:
            raise Refused("unsupported")
        self._sandbox.write(self._at, made)
        return self._compared()

    def add_samples(self, samples: Samples) -> None:
        """Take samples of the reference for `score_jpeg`, instead of those before."""
        size = (samples.width, samples.height)
        if size != self._size or len(samples.data) != count_samples(*size, samples.sampling):
            raise Refused("unsupported")
        at = self._sandbox.call(
            "add_planes", samples.width, samples.height, *COMPONENTS[samples.sampling]
        )
        self._sandbox.write(at, samples.data)

    def score_jpeg(self, quality: int) -> float:
        """Return the score of a JPEG of the samples, which is not coded for that."""
        self._sandbox.grant(self._fuel)
        self._sandbox.check_status(self._sandbox.call("show", quality, self._at))
        return self._compared()

    def _compared(self) -> float:
        at = self._sandbox.call("compare_pixels")
        return _score(unpack(f"<{_COUNT}d", self._sandbox.read(at, _NUMBER_BYTES * _COUNT)))

    def close(self) -> None:
        """Give the sandbox back; call it only if no call failed."""
        give_back(self._sandbox)


def score(size: tuple[int, int], reference: memoryview, made: memoryview) -> float:
    """Return the score of pixels compared with a reference, as `Scorer` does."""
    scorer = Scorer(size, reference)
    result = scorer.score(made)
    scorer.close()
    return result


def _score(numbers: Sequence[float]) -> float:
    total = _FACTOR * sum(
        _weighed(row, numbers[_NUMBERS * place : _NUMBERS * (place + 1)])
        for place, row in _PLACES.items()
    )
    first, second, third = _POLYNOMIAL
    sunk = total * (first + total * (second + total * third))
    return 100 - 10 * float(max(0.0, sunk) ** _EXPONENT)


def _weighed(weights: _Weights, numbers: Sequence[float]) -> float:
    means = (*numbers[: _NUMBERS // 2], *(value**0.25 for value in numbers[_NUMBERS // 2 :]))
    return float(sum(weight * mean for weight, mean in zip(weights, means, strict=True)))
