"""Use cases of the commands."""
