"""Measurements and models behind the docs: `make bench`, `make measure`, `make correctness`."""
