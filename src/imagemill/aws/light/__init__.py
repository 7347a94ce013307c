"""AWS for ResizeImageFunction: the seven requests it makes, and nothing else to load.

The clients here have those methods of boto3's of the same names, so that a store works with either.
docs/decisions/2026-11-22-a-lean-client.md says why.
"""
