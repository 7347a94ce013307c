"""Measurements and models behind the docs: `make bench`, `make measure`, `make correctness`.

Files of unusual formats are made by `fakes` of the tests.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))
