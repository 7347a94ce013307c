"""Scores images by SSIMULACRA 2: a line is a reference, a tab, an image; answers a line each."""

import sys

from ssimulacra2 import compute_ssimulacra2

for line in sys.stdin:
    reference, made = line.rstrip("\n").split("\t")
    sys.stdout.write(f"{compute_ssimulacra2(reference, made)}\n")
