"""Scores pictures by SSIMULACRA 2: a line is a reference, a tab, a picture; answers a line each."""

import sys

from ssimulacra2 import compute_ssimulacra2

for line in sys.stdin:
    reference, made = line.rstrip("\n").split("\t")
    sys.stdout.write(f"{compute_ssimulacra2(reference, made)}\n")
