"""Backfill: find originals that need rendering again, and send them to the queue."""
