"""Decoders and metrics of other projects that judge renditions: JPEG XL, gain maps, scores.

Each is installed into its own folder, as `benchmarks.peers` does. A rendition that only imagemill
could read would not be judged by them.
"""

import json
import subprocess
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from benchmarks.peers import node_packages
from benchmarks.quality import scores

_HERE = Path(__file__).parent
_JXL = (b"\xff\x0a", b"\0\0\0\x0cJXL ")
_LEVELS = 255


@dataclass(frozen=True, slots=True)
class Judges:
    """The packages for Node that show JPEG XL and read gain maps, and a folder for files."""

    packages: Path
    scratch: Path

    def shown(self, data: bytes) -> bytes:
        """Return a JPEG XL as PNG in sRGB, animated if it is, and any other file as it is."""
        if not data.startswith(_JXL):
            return data
        source, target = self.scratch / "shown.jxl", self.scratch / "shown"
        source.write_bytes(data)
        durations = json.loads(self._run("correctness_viewer.mjs", source, target))
        frames = [Image.open(f"{target}.{at}") for at in range(len(durations))]
        file = BytesIO()
        if len(frames) > 1:
            more = {"save_all": True, "append_images": frames[1:], "duration": durations}
            frames[0].save(file, "PNG", **more)
        else:
            frames[0].save(file, "PNG")
        return file.getvalue()

    def gain(self, data: bytes, size: tuple[int, int]) -> Image.Image | None:
        """Return the gain in stops of a file with a gain map, mode F; None without a map."""
        source, target = self.scratch / "gain.jpg", self.scratch / "map.jpg"
        source.write_bytes(data)
        told = json.loads(self._run("correctness_gain.mjs", source, target))
        if "error" in told:
            return None
        level = Image.open(target).convert("L").resize(size, Image.Resampling.BILINEAR)
        low, high, gamma = told["min"], told["max"], told["gamma"]
        stops = [low + (high - low) * (at / _LEVELS) ** (1 / gamma) for at in range(_LEVELS + 1)]
        gain = Image.new("F", size)
        gain.putdata([stops[value] for value in level.tobytes()])
        return gain

    def score(self, data: bytes, reference: Image.Image) -> float:
        """Return the SSIMULACRA 2 of a rendition compared with its pixels before encoding."""
        before, after = self.scratch / "before.png", self.scratch / "after.png"
        reference.convert("RGB").save(before)
        Image.open(BytesIO(self.shown(data))).convert("RGB").save(after)
        return scores([(before, after)])[0]

    def _run(self, script: str, *paths: Path) -> str:
        """Return the output of a script for Node."""
        command = ("node", str(_HERE / script), str(self.packages), *map(str, paths))
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)  # noqa: S603 - our own scripts
        return done.stdout


def judges(scratch: Path) -> Judges:
    """Install the packages once."""
    packages = node_packages("judges", "@monogrid/gainmap-js", "three", "jxl-oxide-wasm")
    return Judges(packages, scratch)
