"""Scores images by SSIMULACRA 2: reads lines `reference<TAB>image`, writes one score per line."""

import sys

from ssimulacra2 import compute_ssimulacra2

for line in sys.stdin:
    reference, made = line.rstrip("\n").split("\t")
    sys.stdout.write(f"{compute_ssimulacra2(reference, made)}\n")
